// The time code's types are the kernel's vocabulary for time: visible in all of it.
global using CoSim.Os.Timekeeping;
