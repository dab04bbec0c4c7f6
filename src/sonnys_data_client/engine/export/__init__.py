"""The export machine: the flow, the scheduler, the board and the state that they hold."""
