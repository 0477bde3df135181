"""Django's log of staff acts has no index by record: a timeline would read all that was ever done to its kind."""

from django.db import migrations

NAME = "dashboard_acts_by_record"


class Migration(migrations.Migration):
    dependencies = [("admin", "0003_logentry_add_action_flag_choices")]
    operations = [
        migrations.RunSQL(
            f"CREATE INDEX {NAME} ON django_admin_log (content_type_id, object_id, action_time DESC, id DESC)",
            f"DROP INDEX {NAME}",
        )
    ]
