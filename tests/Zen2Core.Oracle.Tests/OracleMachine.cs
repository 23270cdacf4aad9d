using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>One core in 64-bit user mode with the pages of <see cref="OracleLayout"/> mapped and nothing else.</summary>
internal sealed unsafe class OracleMachine : ICoreProbe, IDisposable
{
    private const ulong Present = 1, Writable = 2, User = 4, LargePage = 0x80, NoExecute = 1UL << 63;
    private byte[] _code = [];

    public OracleMachine()
        : this(translate: false)
    {
    }

    /// <param name="translate">Blocks are translated at their first execution, where the host allows it.</param>
    public OracleMachine(bool translate)
    {
        Memory.AddRam(0, 16 << 20);
        Core = new CoreContext(
            new CoreEnvironment
            {
                Memory = Memory,
                Mmio = new MmioBus(),
                Ports = new PortBus(),
                Events = new EventQueue(),
                Clock = new ClockDomain("core", Frequency.FromMegahertz(2250), 0),
                Code = new CodeCache(Memory) { LimitBytes = 32 << 20 },
            },
            0,
            this);
        Translates = translate && Core.Code.Translate(0);
        ResetState.Reset(Core);
        MapPages();
        OracleKernel.Write(Memory);
        CpuState* s = Core.State;
        s->Cr3 = OracleKernel.PageTables;
        s->Cr4 = ControlBits.Cr4Pae | ControlBits.Cr4FxSave | ControlBits.Cr4SimdExceptions | ControlBits.Cr4Xsave | ControlBits.Cr4FsGsBase;
        s->Cr0 = ControlBits.Cr0Paging | ControlBits.Cr0Protection | ControlBits.Cr0WriteProtect | ControlBits.Cr0ExtensionType
            | ControlBits.Cr0NumericError | ControlBits.Cr0Monitor | ControlBits.Cr0AlignmentMask;
        s->Xcr0 = 7;
        s->Efer = ControlBits.EferLongActive | ControlBits.EferLongEnable | ControlBits.EferNoExecute | ControlBits.EferSystemCall;
        OracleKernel.SetRegisters(s);
        EnterUserMode();
        Core.Virtual.Flush();
        new FunctionalEngine(Core, FunctionalRate.One).Attach(0);
    }

    public PhysicalMemory Memory { get; } = new();

    public CoreContext Core { get; }

    public CpuState* State => Core.State;

    public byte* Scratch => Memory.PointerTo(OracleLayout.Scratch, out _);

    /// <summary>Programs are 32-bit code.</summary>
    public bool Is32Bit { get; init; }

    /// <summary>Puts the core back into user mode.</summary>
    public void EnterUserMode()
    {
        CpuState* s = State;
        CpuState.Segment(s, SegmentIndex.Cs) = Is32Bit
            ? new SegmentRegister { Selector = OracleLayout.UserCode32, Attributes = 0xCFB, Limit = uint.MaxValue }
            : new SegmentRegister { Selector = 0x33, Attributes = 0x2FB, Limit = uint.MaxValue };
        foreach (SegmentIndex data in (ReadOnlySpan<SegmentIndex>)[SegmentIndex.Ss, SegmentIndex.Ds, SegmentIndex.Es])
            CpuState.Segment(s, data) = new SegmentRegister { Selector = OracleLayout.UserData, Attributes = 0xCF3, Limit = uint.MaxValue };
        s->Cpl = 3;
        s->Activity = ActivityState.Active;
        s->InterruptShadow = 0;
        Core.RefreshMode();
    }

    /// <summary>Places a program, with INT3 behind it, and points the core at it.</summary>
    public void LoadProgram(ReadOnlySpan<byte> code)
    {
        const byte breakpoint = 0xCC;
        State->Rip = OracleLayout.Code;
        if (code.SequenceEqual(_code))
            return;
        _code = code.ToArray();
        Core.Code.Trim();
        Core.Code.Invalidate(OracleLayout.Code, OracleLayout.ProgramSize);
        Span<byte> page = new(Memory.PointerTo(OracleLayout.Code, out _), OracleLayout.ProgramSize);
        page.Fill(breakpoint);
        code.CopyTo(page);
    }

    /// <summary>Whether blocks are translated.</summary>
    public bool Translates { get; }

    /// <summary>Places the instruction, followed by HLT, and returns its block.</summary>
    public Block Load(ReadOnlySpan<byte> code)
    {
        if (!code.SequenceEqual(_code))
        {
            _code = code.ToArray();
            Core.Code.Invalidate(OracleLayout.Code, 64);
            byte[] page = new byte[64];
            Array.Fill(page, (byte)0xF4);
            code.CopyTo(page);
            page.CopyTo(new Span<byte>(Memory.PointerTo(OracleLayout.Code, out _), page.Length));
        }

        State->Rip = OracleLayout.Code;
        Block? block = Core.Code.Find(Core, OracleLayout.Code);
        return block ?? throw new InvalidOperationException("the code page is not mapped");
    }

    public void OnMarker(CoreContext core, byte code, ulong rax)
    {
        // Random displacements may hit a marker's: it has no meaning here.
    }

    public void OnUnmodelled(CoreContext core, string what) => Unmodelled = what;

    public void OnShutdown(CoreContext core) => throw new InvalidOperationException("the core shut down");

    /// <summary>The last thing that was not modelled.</summary>
    public string? Unmodelled { get; private set; }

    public void Dispose()
    {
        Core.Dispose();
        Core.Code.Dispose();
        Memory.Dispose();
    }

    private void MapPages()
    {
        const ulong tables = OracleKernel.PageTables;
        Write(tables, (tables + 0x1000) | Present | Writable | User);
        Write(tables + 0x1000, (tables + 0x2000) | Present | Writable | User);
        Write(tables + 0x2000 + ((OracleLayout.Code >> 21) * 8), (tables + 0x3000) | Present | Writable | User);
        Map(OracleLayout.Code, Writable);

        // The host's data is not executable either: a RET to it is a page fault.
        Map(OracleLayout.Scratch, Writable | NoExecute);
        Map(OracleLayout.Scratch + 0x1000, Writable | NoExecute);
        Map(OracleLayout.ReadOnly, NoExecute);
        byte[] readOnly = new byte[OracleLayout.ReadOnlySize];
        for (int n = 0; n < readOnly.Length; n++)
            readOnly[n] = OracleLayout.ReadOnlyByte(n);
        Memory.Write(OracleLayout.ReadOnly, readOnly);

        // The first megabytes once more, for the supervisor, at the end of the address space.
        Write(tables + (0x1FF * 8), (tables + 0x4000) | Present | Writable);
        Write(tables + 0x4000 + (0x1FF * 8), (tables + 0x5000) | Present | Writable);
        Write(tables + 0x5000, Present | Writable | LargePage);
    }

    private void Map(ulong page, ulong rights) => Write(OracleKernel.PageTables + 0x3000 + (((page >> 12) & 0x1FF) * 8), page | Present | rights | User);

    private void Write(ulong address, ulong value) => Memory.Write(address, BitConverter.GetBytes(value));
}
