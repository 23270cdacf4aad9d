using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;

namespace CoSim.Privileged.Tests;

/// <summary>One core on either engine, RAM and ports: what snippets of system code need.</summary>
internal sealed unsafe partial class Guest : ICoreProbe, IDisposable
{
    public const ulong CodeAddress = 0x10000, StackTop = 0x80000, DataAddress = 0x90000;

    private static readonly Frequency s_clock = Frequency.FromMegahertz(2250);

    private readonly DetailedEngine<NoProbe>? _detailed;

    public Guest(EngineKind kind)
        : this(kind, CoreSpec.Default)
    {
    }

    public Guest(EngineKind kind, CoreSpec spec)
    {
        Memory.AddRam(0, 16 << 20);
        Core = new CoreContext(
            new CoreEnvironment
            {
                Memory = Memory,
                Mmio = new MmioBus(),
                Ports = Ports,
                Events = new EventQueue(),
                Clock = new ClockDomain("core", s_clock, 0),
                Code = new CodeCache(Memory),
            },
            0,
            this)
        {
            Spec = spec,
        };
        ResetState.Reset(Core);
        if (kind == EngineKind.Detailed)
        {
            _detailed = new DetailedCores(1, s_clock).Create<NoProbe>(Core, default);
            Engine = _detailed;
        }
        else
        {
            Engine = new FunctionalEngine(Core, FunctionalRate.One);
        }

        Engine.Attach(0);
    }

    public PhysicalMemory Memory { get; } = new();

    public PortBus Ports { get; } = new();

    public CoreContext Core { get; }

    public ICoreEngine Engine { get; }

    public CpuState* State => Core.State;

    public List<string> Unmodelled { get; } = [];

    public bool ShutDown { get; private set; }

    public ulong Rax => State->Gpr[0];

    public void Write(ulong address, ulong value) => Memory.Write(address, BitConverter.GetBytes(value));

    public void Write32(ulong address, uint value) => Memory.Write(address, BitConverter.GetBytes(value));

    public void Write16(ulong address, ushort value) => Memory.Write(address, BitConverter.GetBytes(value));

    public ulong Read(ulong address)
    {
        Span<byte> bytes = stackalloc byte[8];
        Memory.Read(address, bytes);
        return BitConverter.ToUInt64(bytes);
    }

    public uint Read32(ulong address) => (uint)Read(address);

    public ushort Read16(ulong address) => (ushort)Read(address);

    /// <summary>Assembles for a code size at a linear address whose offset in CS is <paramref name="offset"/>.</summary>
    /// <returns>Labels made by the program are resolved: see <see cref="Spot"/>.</returns>
    public Guest Code(int bits, ulong address, ulong offset, Action<Assembler> program)
    {
        Assembler assembler = new(bits);
        program(assembler);
        using MemoryStream stream = new();
        AssemblerResult result = assembler.Assemble(new StreamCodeWriter(stream), offset, BlockEncoderOptions.ReturnNewInstructionOffsets);
        _result = result;
        Memory.Write(address, stream.ToArray());
        return this;
    }

    /// <summary>64-bit code at <see cref="CodeAddress"/>.</summary>
    public Guest Code(Action<Assembler> program) => Code(64, CodeAddress, CodeAddress, program);

    /// <summary>Address of a label of the code assembled last.</summary>
    public ulong Spot(Label label) => _result.GetLabelRIP(label);

    private AssemblerResult _result;

    /// <summary>Runs until HLT, shutdown or the limit; fails at the limit.</summary>
    public Guest Run(ulong cycles = 3_000_000)
    {
        Engine.Run(Engine.NowCycles + cycles);
        Assert.That(State->Activity, Is.Not.EqualTo(ActivityState.Active), $"still running after {cycles} cycles at {State->Rip:X}h");
        Engine.Quiesce();
        return this;
    }

    /// <summary>Goes on where another guest is: memory, core and time.</summary>
    public void TakeStateOf(Guest other)
    {
        StateWriter writer = new();
        other.Memory.Save(writer);
        other.Core.Save(writer);
        StateReader reader = new(writer.ToArray(), new EventQueue());
        Memory.Restore(reader);
        Core.Restore(reader);
        Engine.Attach(other.Engine.NowCycles);
    }

    public void OnMarker(CoreContext core, byte code, ulong rax)
    {
    }

    public void OnUnmodelled(CoreContext core, string what) => Unmodelled.Add(what);

    public void OnShutdown(CoreContext core) => ShutDown = true;

    public void Dispose()
    {
        _detailed?.Dispose();
        Core.Dispose();
        Core.Code.Dispose();
        Memory.Dispose();
    }
}
