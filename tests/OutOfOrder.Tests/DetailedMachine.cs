using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Cores with detailed engines (and functional ones for comparison), RAM, shared caches: enough to run snippets.</summary>
internal sealed unsafe class DetailedMachine<TProbe> : ICoreProbe, IDisposable
    where TProbe : struct, IDetailedProbe
{
    public const ulong CodeAddress = 0x10000;
    public const ulong CodeStride = 0x8000;
    public const ulong StackTop = 0x80000;
    public const ulong StackStride = 0x2000;
    public const ulong DataAddress = 0x90000;

    private static readonly Frequency s_clock = Frequency.FromMegahertz(2250);

    public DetailedMachine(int cores = 1, ulong memoryBytes = 64 << 20)
    {
        Memory.AddRam(0, memoryBytes);
        DetailedCores detailed = new(cores, s_clock);
        CoreEnvironment environment = new()
        {
            Memory = Memory,
            Mmio = new MmioBus(),
            Ports = new PortBus(),
            Events = new EventQueue(),
            Clock = new ClockDomain("core", s_clock, 0),
            Code = new CodeCache(Memory),
        };
        Cores = new CoreContext[cores];
        Engines = new DetailedEngine<TProbe>[cores];
        WriteTables(memoryBytes);
        for (int i = 0; i < cores; i++)
        {
            Cores[i] = new CoreContext(environment, i, this);
            ResetState.Reset(Cores[i]);
            EnterLongMode(i);
            Engines[i] = detailed.Create<TProbe>(Cores[i], default);
            Engines[i].Attach(0);
        }
    }

    public PhysicalMemory Memory { get; } = new();

    public CoreContext[] Cores { get; }

    public DetailedEngine<TProbe>[] Engines { get; }

    public DetailedEngine<TProbe> Engine => Engines[0];

    public CpuState* State => Cores[0].State;

    public List<(byte Code, ulong Rax)> Markers { get; } = [];

    public bool ShutDown { get; private set; }

    /// <summary>Assembles at a core's code address.</summary>
    public DetailedMachine<TProbe> Code(Action<Assembler> program, int core = 0)
    {
        Memory.Write(CodeAddress + ((ulong)core * CodeStride), Assemble(program, CodeAddress + ((ulong)core * CodeStride)));
        return this;
    }

    public static byte[] Assemble(Action<Assembler> program, ulong address)
    {
        Assembler assembler = new(64);
        program(assembler);
        using MemoryStream stream = new();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }

    /// <summary>Runs core 0 until HLT, shutdown or the limit; fails at the limit.</summary>
    public DetailedMachine<TProbe> Run(ulong cycles = 20_000_000)
    {
        Engine.Run(Engine.Now + cycles);
        Assert.That(State->Activity, Is.Not.EqualTo(ActivityState.Active), $"still running after {cycles} cycles at {State->Rip:X}h");
        return this;
    }

    public void Write(ulong address, ulong value) => Memory.Write(address, BitConverter.GetBytes(value));

    public ulong Read(ulong address)
    {
        Span<byte> bytes = stackalloc byte[8];
        Memory.Read(address, bytes);
        return BitConverter.ToUInt64(bytes);
    }

    /// <summary>Called when a marker retires, with its core.</summary>
    public Action<CoreContext>? Marked { get; set; }

    public void OnMarker(CoreContext core, byte code, ulong rax)
    {
        Markers.Add((code, rax));
        Marked?.Invoke(core);
    }

    public void OnUnmodelled(CoreContext core, string what)
    {
    }

    public void OnShutdown(CoreContext core) => ShutDown = true;

    public void Dispose()
    {
        foreach (DetailedEngine<TProbe> engine in Engines)
        {
            engine.Dispose();
        }

        foreach (CoreContext core in Cores)
        {
            core.Dispose();
        }

        Cores[0].Code.Dispose();
        Memory.Dispose();
    }

    /// <summary>Identity mapping by 2 MiB pages.</summary>
    private void WriteTables(ulong memoryBytes)
    {
        Write(0x1000, 0x2003);
        Write(0x2000, 0x3003);
        for (ulong n = 0; n < memoryBytes >> 21; n++)
        {
            Write(0x3000 + (n * 8), (n << 21) | 0xE3);
        }
    }

    private void EnterLongMode(int core)
    {
        CpuState* s = Cores[core].State;
        s->Cr3 = 0x1000;
        s->Cr4 = ControlBits.Cr4Pae | ControlBits.Cr4FxSave | ControlBits.Cr4SimdExceptions;
        s->Cr0 = ControlBits.Cr0Paging | ControlBits.Cr0Protection | ControlBits.Cr0WriteProtect | ControlBits.Cr0ExtensionType;
        s->Efer = ControlBits.EferLongActive | ControlBits.EferLongEnable | ControlBits.EferNoExecute | ControlBits.EferSystemCall;
        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister { Selector = 8, Attributes = 0x29B, Limit = uint.MaxValue };
        CpuState.Segment(s, SegmentIndex.Ss) = new SegmentRegister { Selector = 16, Attributes = 0xC93, Limit = uint.MaxValue };
        s->Gpr[4] = StackTop + ((ulong)core * StackStride);
        s->Rip = CodeAddress + ((ulong)core * CodeStride);
        s->Activity = ActivityState.Active;
        Cores[core].RefreshMode();
        Cores[core].Virtual.Flush();
    }
}
