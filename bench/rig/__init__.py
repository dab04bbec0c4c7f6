"""What several benches share: a cheap world and the loop that ours is measured against."""
