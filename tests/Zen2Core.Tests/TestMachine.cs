using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;

namespace CoSim.Zen2Core.Tests;

/// <summary>One core, RAM, a port log: enough to run snippets on the functional engine.</summary>
internal sealed unsafe class TestMachine : ICoreProbe, IDisposable
{
    public const ulong CodeAddress = 0x10000;
    public const ulong StackTop = 0x80000;
    public const ulong DataAddress = 0x90000;

    public TestMachine(ulong memoryBytes = 16 << 20)
    {
        Memory.AddRam(0, memoryBytes);
        Core = new CoreContext(
            new CoreEnvironment
            {
                Memory = Memory,
                Mmio = new MmioBus(),
                Ports = Ports,
                Events = new EventQueue(),
                Clock = new ClockDomain("core", Frequency.FromMegahertz(2250), 0),
                Code = new CodeCache(Memory),
            },
            0,
            this);
        ResetState.Reset(Core);
        Engine = new FunctionalEngine(Core, FunctionalRate.One);
        Engine.Attach(0);
    }

    public PhysicalMemory Memory { get; } = new();

    public PortBus Ports { get; } = new();

    public CoreContext Core { get; }

    public FunctionalEngine Engine { get; }

    public CpuState* State => Core.State;

    public List<string> Unmodelled { get; } = [];

    public List<(byte Code, ulong Rax)> Markers { get; } = [];

    public bool ShutDown { get; private set; }

    /// <summary>Has blocks translated to host machine code at the given number of executions; skips the test where the host does not allow it.</summary>
    public TestMachine Translate(uint threshold)
    {
        if (!Core.Code.Translate(threshold))
            Assert.Ignore("this host does not allow translated code");
        return this;
    }

    /// <summary>Puts the core in 64-bit mode, privilege 0, identity-mapped by 2 MiB pages, RSP at <see cref="StackTop"/>.</summary>
    public TestMachine Long()
    {
        const ulong tables = 0x1000;
        Write(tables, 0x2003);
        Write(0x2000, 0x3003);
        for (ulong n = 0; n < 8; n++)
            Write(0x3000 + n * 8, (n << 21) | 0x83);
        CpuState* s = State;
        s->Cr3 = tables;
        s->Cr4 = ControlBits.Cr4Pae | ControlBits.Cr4FxSave | ControlBits.Cr4SimdExceptions;
        s->Cr0 = ControlBits.Cr0Paging | ControlBits.Cr0Protection | ControlBits.Cr0WriteProtect | ControlBits.Cr0ExtensionType;
        s->Efer = ControlBits.EferLongActive | ControlBits.EferLongEnable | ControlBits.EferNoExecute | ControlBits.EferSystemCall;
        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister { Selector = 8, Attributes = 0x29B, Limit = uint.MaxValue };
        CpuState.Segment(s, SegmentIndex.Ss) = new SegmentRegister { Selector = 16, Attributes = 0xC93, Limit = uint.MaxValue };
        s->Gpr[4] = StackTop;
        s->Rip = CodeAddress;
        Core.RefreshMode();
        Core.Virtual.Flush();
        return this;
    }

    public void Write(ulong address, ulong value) => Memory.Write(address, BitConverter.GetBytes(value));

    public ulong Read(ulong address)
    {
        Span<byte> bytes = stackalloc byte[8];
        Memory.Read(address, bytes);
        return BitConverter.ToUInt64(bytes);
    }

    /// <summary>Assembles at <see cref="CodeAddress"/>.</summary>
    public TestMachine Code(Action<Assembler> program, int bits = 64, ulong address = CodeAddress)
    {
        Assembler assembler = new(bits);
        program(assembler);
        using MemoryStream stream = new();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        Memory.Write(address, stream.ToArray());
        return this;
    }

    /// <summary>Runs until HLT, shutdown or the limit.</summary>
    public TestMachine Run(ulong cycles = 1_000_000)
    {
        Engine.Run(Engine.NowCycles + cycles);
        return this;
    }

    public void OnMarker(CoreContext core, byte code, ulong rax) => Markers.Add((code, rax));

    public void OnUnmodelled(CoreContext core, string what) => Unmodelled.Add(what);

    public void OnShutdown(CoreContext core) => ShutDown = true;

    public void Dispose()
    {
        Core.Dispose();
        Core.Code.Dispose();
        Memory.Dispose();
    }
}
