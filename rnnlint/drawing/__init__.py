"""Pictures of arrangements: what every element holds and has read, as data, and that data drawn."""
