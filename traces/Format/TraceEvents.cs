namespace CoSim.Traces.Format;

/// <summary>
/// The kinds of events that this version writes. Every trace carries their description, so that a reader of another version can
/// show what it does not know. A new kind takes a new number; a kind's fields are never changed.
/// </summary>
public static class TraceEvents
{
    private static readonly EventField Core = new("core", FieldType.Core);
    private static readonly EventField Rip = new("rip", FieldType.Hex);
    private static readonly EventField Value = new("value", FieldType.Hex);
    private static readonly EventField Size = new("size", FieldType.Number);
    private static readonly EventField Timer = new("timer", FieldType.Text);

    /// <summary>A core executed RDTSC, RDTSCP, RDPRU or RDPMC.</summary>
    public static readonly EventKind ClockRead = new(1, "clock-read", [Core, Rip, new("clock", FieldType.Text), new("value", FieldType.Number)]);

    /// <summary>A guest read a device's counter.</summary>
    public static readonly EventKind CounterRead = new(2, "counter-read", [new("counter", FieldType.Text), new("value", FieldType.Number)]);

    /// <summary>A timer was given an expiry time, or stopped.</summary>
    public static readonly EventKind TimerProgrammed = new(3, "timer-programmed", [Timer, new("expires-in", FieldType.Delay)]);

    /// <summary>A timer expired.</summary>
    public static readonly EventKind TimerExpired = new(4, "timer-expired", [Timer]);

    /// <summary>A device's interrupt line changed.</summary>
    public static readonly EventKind Line = new(5, "line", [new("line", FieldType.Text), new("asserted", FieldType.Flag)]);

    /// <summary>A local APIC accepted an interrupt message.</summary>
    public static readonly EventKind InterruptAccepted = new(6, "interrupt-accepted", [new("apic", FieldType.Number), new("vector", FieldType.Number), new("mode", FieldType.Number)]);

    /// <summary>A core delivered an interrupt; RIP is the instruction that was not executed.</summary>
    public static readonly EventKind Interrupt = new(7, "interrupt", [Core, Rip, new("vector", FieldType.Number)]);

    /// <summary>A core delivered an exception.</summary>
    public static readonly EventKind Exception = new(8, "exception", [Core, Rip, new("vector", FieldType.Number), new("error", FieldType.Hex), new("cr2", FieldType.Hex)]);

    /// <summary>A program made a system call (SYSCALL): number and arguments as Linux passes them.</summary>
    public static readonly EventKind SystemCall = new(9, "syscall", [Core, Rip, new("nr", FieldType.Number), new("a0", FieldType.Hex), new("a1", FieldType.Hex), new("a2", FieldType.Hex), new("a3", FieldType.Hex), new("a4", FieldType.Hex), new("a5", FieldType.Hex)]);

    /// <summary>A core went back to user mode by SYSRET or IRET; after a system call the result is RAX.</summary>
    public static readonly EventKind UserReturn = new(10, "user-return", [Core, Rip, new("rax", FieldType.Signed), new("iret", FieldType.Flag)]);

    /// <summary>RDMSR.</summary>
    public static readonly EventKind MsrRead = new(11, "msr-read", [Core, Rip, new("msr", FieldType.Hex), Value]);

    /// <summary>WRMSR.</summary>
    public static readonly EventKind MsrWrite = new(12, "msr-write", [Core, Rip, new("msr", FieldType.Hex), Value]);

    /// <summary>IN or INS.</summary>
    public static readonly EventKind PortRead = new(13, "port-read", [Core, Rip, new("port", FieldType.Hex), Size, Value]);

    /// <summary>OUT or OUTS.</summary>
    public static readonly EventKind PortWrite = new(14, "port-write", [Core, Rip, new("port", FieldType.Hex), Size, Value]);

    /// <summary>A load from a device's memory.</summary>
    public static readonly EventKind MmioRead = new(15, "mmio-read", [Core, Rip, new("address", FieldType.Hex), Size, Value]);

    /// <summary>A store to a device's memory.</summary>
    public static readonly EventKind MmioWrite = new(16, "mmio-write", [Core, Rip, new("address", FieldType.Hex), Size, Value]);

    /// <summary>CR3 got another page table: a context switch between processes.</summary>
    public static readonly EventKind AddressSpace = new(17, "address-space", [Core, Rip, new("cr3", FieldType.Hex)]);

    /// <summary>A core went to wait, or goes on.</summary>
    public static readonly EventKind Activity = new(18, "activity", [Core, new("state", FieldType.Text)]);

    /// <summary>A byte left the serial console.</summary>
    public static readonly EventKind ConsoleOutput = new(19, "console-out", [new("byte", FieldType.Hex)]);

    /// <summary>A byte entered the serial console, the only input of a run: the machine asked for the <c>poll</c>th time.</summary>
    public static readonly EventKind ConsoleInput = new(20, "console-in", [new("byte", FieldType.Hex), new("poll", FieldType.Number)]);

    /// <summary>Firmware wrote a progress code to port 80h.</summary>
    public static readonly EventKind PostCode = new(21, "post-code", [new("code", FieldType.Hex)]);

    /// <summary>A guest executed a marker instruction: 1 span begins, 2 span ends, 3 cold, 4 detailed, 5 functional, 6 exit, 7 label.</summary>
    public static readonly EventKind GuestRequest = new(22, "guest-request", [Core, new("request", FieldType.Number), new("argument", FieldType.Hex)]);

    /// <summary>A process's time namespace changed, or that of its later children: <c>unshare</c>, <c>setns</c>, <c>clone3</c>.</summary>
    public static readonly EventKind NamespaceChange = new(23, "namespace-change", [Core, new("call", FieldType.Text), new("argument", FieldType.Hex), new("flags", FieldType.Hex), new("result", FieldType.Signed)]);

    /// <summary>The machine stopped, and why; instructions retired by all cores, and the first 64 bits of the SHA-256 of its state.</summary>
    public static readonly EventKind Stop = new(24, "stop", [new("reason", FieldType.Text), new("instructions", FieldType.Number), new("state", FieldType.Hex)]);

    /// <summary>Something went wrong in the hardware: the fault's name and what it did.</summary>
    public static readonly EventKind Fault = new(25, "fault", [new("fault", FieldType.Text)]);

    /// <summary>All kinds, by number.</summary>
    public static readonly IReadOnlyList<EventKind> All =
    [
        ClockRead, CounterRead, TimerProgrammed, TimerExpired, Line, InterruptAccepted, Interrupt, Exception, SystemCall, UserReturn, MsrRead, MsrWrite,
        PortRead, PortWrite, MmioRead, MmioWrite, AddressSpace, Activity, ConsoleOutput, ConsoleInput, PostCode, GuestRequest, NamespaceChange, Stop, Fault,
    ];
}
