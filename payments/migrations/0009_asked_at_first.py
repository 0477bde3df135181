from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0008_by_time'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='first_asked_amount',
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
