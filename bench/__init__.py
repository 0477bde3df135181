"""`make bench`: what one guest's purchase costs, beside two yardsticks measured in the same minute."""
