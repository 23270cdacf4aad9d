using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Tests.Board;

/// <summary>A machine that runs a few instructions of 32-bit code on its boot processor, and 16-bit code on the others.</summary>
internal sealed class BareMachine : IMachineHost, IEngineFactory, IDisposable
{
    public const uint Data = 0x9000;
    private const ulong Table = 0x7000;
    public const uint Code = 0x10_0000;
    private const uint OtherCode = 0x8000;
    private const ulong FlatCode = 0x00CF_9B00_0000_FFFF;
    private const ulong FlatData = 0x00CF_9300_0000_FFFF;
    private readonly DetailedCores _detailed;

    public BareMachine(MachineSpec spec, Action<Assembler> program)
    {
        _detailed = new DetailedCores(spec.Cores, spec.Model.Base);
        Machine = new Machine(spec, this, this) { RestartOnReset = false };
        Machine.PreparePlatform();
        byte[] table = [.. new byte[8], .. BitConverter.GetBytes(FlatCode), .. BitConverter.GetBytes(FlatData)];
        Machine.Load(Table, table);
        Machine.Load(Code, Assemble(32, program, Code));
        Machine.Enter(new DirectEntry
        {
            Rip = Code,
            DescriptorTable = Table,
            DescriptorTableLength = (uint)table.Length,
            CodeSelector = 0x08,
            DataSelector = 0x10,
        });
    }

    public Machine Machine { get; }

    public List<(string Fault, SimTime Time, string Effect)> Faults { get; } = [];

    public static MachineSpec Spec(EngineKind engine, params Fault[] faults) => new()
    {
        Model = EpycModel.All[0],
        Cores = 1,
        MemoryBytes = 32 << 20,
        Flash = FlashImage.Build([], []),
        Engine = engine,
        Faults = faults,
    };

    /// <summary>Code of the other processors, and a start-up IPI to them in the program of the first.</summary>
    public BareMachine Others(Action<Assembler> program)
    {
        Machine.Load(OtherCode, Assemble(16, program, OtherCode));
        return this;
    }

    /// <summary>Starts all other processors at their code.</summary>
    public static void StartOthers(Assembler a)
    {
        a.mov(__dword_ptr[0xFEE00300], 0xC_4500);
        a.mov(ecx, 100_000);
        Label wait = a.CreateLabel();
        a.Label(ref wait);
        a.loop(wait);
        a.mov(__dword_ptr[0xFEE00300], 0xC_4600 | (OtherCode >> 12));
    }

    public uint Read(uint address)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Machine.Memory.Read(address, bytes);
        return BitConverter.ToUInt32(bytes);
    }

    public StopReason RunFor(SimDuration span) => Machine.Run(Machine.Now + span);

    public IDetailedEngine CreateDetailed(CoreContext core) => _detailed.Create(core, default(NoProbe));

    public void OnFault(string fault, SimTime time, string effect) => Faults.Add((fault, time, effect));

    public void Dispose() => Machine.Dispose();

    public void Transmit(byte value)
    {
    }

    public bool TryReceive(out byte value)
    {
        value = 0;
        return false;
    }

    public bool WaitForInput() => false;

    public void OnGuestRequest(int core, GuestRequest request, ulong argument)
    {
    }

    public void OnUnmodelled(string what)
    {
    }

    private static byte[] Assemble(int bits, Action<Assembler> program, uint address)
    {
        Assembler assembler = new(bits);
        program(assembler);
        using MemoryStream stream = new();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }
}
