using CoSim.Hw.Zen2Core.OutOfOrder;

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

    /// <summary>
    /// A program has read a clock of its operating system, by the vDSO, by a system call, or by the vDSO asking the kernel: the clock and its
    /// number, the value in nanoseconds, the femtoseconds that the call took, page table and FS base (process and thread), and the physical
    /// page by which the vDSO knows the time namespace, 0 when unknown. RIP is where the program goes on.
    /// </summary>
    public static readonly EventKind ProgramClock = new(30, "program-clock",
    [
        Core, Rip, new("clock", FieldType.Text), new("id", FieldType.Signed), new("ns", FieldType.Signed), new("took-fs", FieldType.Number),
        new("vdso", FieldType.Flag), new("syscall", FieldType.Flag), new("cr3", FieldType.Hex), new("fs-base", FieldType.Hex), new("timens", FieldType.Hex),
    ]);

    /// <summary>
    /// An instruction retired: its core cycle, and the cycles since the retirement before by cause (docs/attribution.md); all zero for the second
    /// and later ones in a cycle, and on the functional engine, which has no pipeline.
    /// </summary>
    public static readonly EventKind Retire = new(40, "retire", [Core, Rip, new("cycle", FieldType.Number), .. Causes()]);

    /// <summary>The detailed engine delivered an interrupt or exception: the core cycle at which the handler can be fetched, and the cycles since the retirement before.</summary>
    public static readonly EventKind Deliver = new(41, "deliver", [Core, Rip, new("cycle", FieldType.Number), .. Causes()]);

    /// <summary>A micro-op retired: the core cycles of its stages, its pipe (a value of <see cref="ExecutionPort"/>) and its instruction's dispatch slots.</summary>
    public static readonly EventKind MicroOp = new(42, "micro-op",
    [
        Core, Rip, new("index", FieldType.Number), new("fetch", FieldType.Number), new("decode", FieldType.Number), new("dispatch", FieldType.Number),
        new("ready", FieldType.Number), new("issue", FieldType.Number), new("complete", FieldType.Number), new("retire", FieldType.Number),
        new("pipe", FieldType.Number), new("slots", FieldType.Number),
    ]);

    /// <summary>
    /// Up to 15 bytes from an instruction's address, little-endian, before its first retirement and again when they have changed: how many could be
    /// read, and whether they are 16-, 32- or 64-bit code.
    /// </summary>
    public static readonly EventKind Code = new(43, "code", [Core, Rip, new("bits", FieldType.Number), new("length", FieldType.Number), new("low", FieldType.Hex), new("high", FieldType.Hex)]);

    /// <summary>An image lies in the guest's address space: its name, and what is added to its linked addresses.</summary>
    public static readonly EventKind Image = new(44, "image", [new("bias", FieldType.Hex), new("image", FieldType.Text)]);

    /// <summary>
    /// A checksum of the instructions (and deliveries and micro-ops) since the last such event: how many they were, and a hash of all their values. A
    /// replay computes the same from what it executes, and needs the instructions themselves only when the two differ.
    /// </summary>
    public static readonly EventKind Digest = new(45, "digest", [new("count", FieldType.Number), new("hash", FieldType.Hex)]);

    /// <summary>Linear addresses of an instruction's operands in memory, in the order of its micro-ops; it stands before the instruction. Detailed engine only.</summary>
    public static readonly EventKind Operands = new(46, "operands", [Core, Rip, new("cycle", FieldType.Number), new("count", FieldType.Number), new("a0", FieldType.Hex), new("a1", FieldType.Hex), new("a2", FieldType.Hex), new("a3", FieldType.Hex)]);

    /// <summary>
    /// A TLB miss was answered by the page tables: physical address, log2 of the page's size, flags (1 writable, 2 user, 4 no execute, 8 dirty, 16 the walk of
    /// a store that is certain), and the addresses of the table entries read, top level first.
    /// </summary>
    public static readonly EventKind PageWalk = new(47, "page-walk",
    [
        Core, new("linear", FieldType.Hex), new("physical", FieldType.Hex), new("shift", FieldType.Number), new("flags", FieldType.Hex), new("levels", FieldType.Number),
        new("e0", FieldType.Hex), new("e1", FieldType.Hex), new("e2", FieldType.Hex), new("e3", FieldType.Hex),
    ]);

    /// <summary>A core dropped translations: of a page, or all.</summary>
    public static readonly EventKind TlbFlush = new(48, "tlb-flush", [Core, new("page", FieldType.Hex), new("all", FieldType.Flag)]);

    /// <summary>Code was decoded for a pipeline, down a wrong path perhaps: decode mode (the core's mode key) and bytes; the page of the last byte when that is another, otherwise all ones.</summary>
    public static readonly EventKind Block = new(49, "block", [Core, Rip, new("physical", FieldType.Hex), new("second-page", FieldType.Hex), new("mode", FieldType.Hex), new("bytes", FieldType.Text)]);

    /// <summary>
    /// What the microcode of the next instruction took, when it is other than at the same address last time, and always of string instructions: core
    /// cycles charged, flags (<see cref="MicrocodeFlags"/>), elements and ranges.
    /// </summary>
    public static readonly EventKind Microcode = new(50, "microcode",
    [
        Core, Rip, new("cycles", FieldType.Number), new("flags", FieldType.Hex), new("elements", FieldType.Number),
        new("source", FieldType.Hex), new("source-bytes", FieldType.Number), new("destination", FieldType.Hex), new("destination-bytes", FieldType.Number),
    ]);

    /// <summary>A pipeline's access to a device: a value of <see cref="PathDeviceAccess"/>, and the core cycles that the device charged.</summary>
    public static readonly EventKind DeviceTime = new(51, "device-time", [Core, Rip, new("access", FieldType.Number), new("cycles", FieldType.Number)]);

    /// <summary>A core that waited goes on: core cycle, and cycles until it fetches.</summary>
    public static readonly EventKind Wake = new(52, "wake", [Core, new("cycle", FieldType.Number), new("delay", FieldType.Number)]);

    /// <summary>The next division at this address takes other cycles for its quotient than the last one.</summary>
    public static readonly EventKind Divide = new(53, "divide", [Core, Rip, new("steps", FieldType.Number)]);

    /// <summary>From the next instruction on: the base of CS, and flags (1 64-bit mode, 2 paging, 4 LFENCE serialises dispatch).</summary>
    public static readonly EventKind Context = new(54, "context", [Core, new("base", FieldType.Hex), new("flags", FieldType.Hex)]);

    /// <summary>The next instruction's fetch waited for a store to a page with decoded code, and began anew if the store changed some.</summary>
    public static readonly EventKind CodeStore = new(55, "code-store", [Core, new("changed", FieldType.Flag)]);

    /// <summary>All kinds, by number.</summary>
    public static readonly IReadOnlyList<EventKind> All =
    [
        ClockRead, CounterRead, TimerProgrammed, TimerExpired, Line, InterruptAccepted, Interrupt, Exception, SystemCall, UserReturn, MsrRead, MsrWrite,
        PortRead, PortWrite, MmioRead, MmioWrite, AddressSpace, Activity, ConsoleOutput, ConsoleInput, PostCode, GuestRequest, NamespaceChange, Stop, Fault, ProgramClock, Retire, Deliver, MicroOp, Code, Image, Digest,
        Operands, PageWalk, TlbFlush, Block, Microcode, DeviceTime, Wake, Divide, Context, CodeStore,
    ];

    private static IEnumerable<EventField> Causes() =>
        Enum.GetValues<CycleCause>().Select(c => new EventField(string.Concat(c.ToString().Select((l, i) => char.IsAsciiLetterUpper(l) && i > 0 && char.IsAsciiLetterLower(c.ToString()[i - 1]) ? "-" + l : l.ToString())).ToLowerInvariant(), FieldType.Number));
}
