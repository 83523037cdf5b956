"""When do intermediate steps help? Small decoders that add several numbers at once, or one after the other."""
