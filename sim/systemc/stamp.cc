// What Verilator's run-time library asks its program for; nothing of ours does. A program that has one of its own keeps
// it.
double sc_time_stamp();
double sc_time_stamp() { return 0; }
