using System.Text;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Os.Loader;
using BoardMachine = CoSim.Hw.Board.Machine;

namespace CoSim.Machine.Tests;

/// <summary>A machine with our firmware, our operating system and its default initramfs, whose init powers off.</summary>
internal sealed class Bench : IMachineHost, IEngineFactory, IDisposable
{
    private static readonly byte[] Flash = BuildFlash();
    private readonly StringBuilder _console = new();
    private readonly MachineSpec _spec;
    private readonly LockStepLink? _link;
    private DetailedCores? _detailed;

    public Bench(int cores)
        : this(cores, EngineKind.Functional)
    {
    }

    public Bench(int cores, EngineKind engine)
        : this(cores, engine, null)
    {
    }

    public Bench(int cores, EngineKind engine, LockStepLink? link)
        : this(Spec(cores) with { Engine = engine }, link)
    {
    }

    /// <summary>The machine that everything here is tried on, functional.</summary>
    public static MachineSpec Spec(int cores) => new()
    {
        Model = EpycModel.Find("7742")!,
        Cores = cores,
        MemoryBytes = 64UL << 20,
        Flash = Flash,
        Engine = EngineKind.Functional,
        Seed = 1,
    };

    public Bench(MachineSpec spec)
        : this(spec, null)
    {
    }

    private Bench(MachineSpec spec, LockStepLink? link)
    {
        _spec = spec;
        _link = link;
        Machine = new BoardMachine(spec, this, this) { RestartOnReset = false };
    }

    public BoardMachine Machine { get; }

    /// <summary>Whether the run is over when a program ends: for programs that have no operating system to power off.</summary>
    public bool EndsWithTheProgram { get; init; }

    public string Console => _console.ToString();

    public List<string> Unmodelled { get; } = [];

    /// <summary>Runs to a time or to what stops the machine before it.</summary>
    public StopReason RunTo(SimTime time) => Machine.Run(time);

    public void Dispose() => Machine.Dispose();

    public IDetailedEngine CreateDetailed(CoreContext core)
    {
        _detailed ??= new DetailedCores(_spec.Cores, _spec.Model.Base);
        return _link is null ? _detailed.Create(core, default(NoProbe)) : _detailed.Create(core, new BootProbe(_link));
    }

    public void Transmit(byte value) => _console.Append((char)value);

    public bool TryReceive(out byte value)
    {
        value = 0;
        return false;
    }

    public bool WaitForInput() => false;

    /// <summary>Hears of every guest request; null for nobody.</summary>
    public Action<GuestRequest, ulong>? Requests { get; set; }

    public void OnGuestRequest(int core, GuestRequest request, ulong argument)
    {
        Requests?.Invoke(request, argument);
        if (request == GuestRequest.Exit && EndsWithTheProgram)
            Machine.RequestStop();
    }

    public void OnFault(string fault, SimTime time, string effect) => Faults.Add($"{time} {fault}: {effect}");

    public List<string> Faults { get; } = [];

    public void OnUnmodelled(string what) => Unmodelled.Add(what);

    private static byte[] BuildFlash() => BuildFlash("console=ttyS0", File.ReadAllBytes(Image("initramfs.cpio")));

    /// <summary>Our firmware and the programs that run without an operating system (scenarios/programs/Bare).</summary>
    /// <param name="program">The program's name and options.</param>
    /// <param name="settings">What firmware is told to do wrong.</param>
    public static byte[] BuildBareFlash(string program, FirmwareSettings settings)
    {
        List<FlashFile> files = [new FlashFile("kernel", File.ReadAllBytes(Image("bare.elf"))), new FlashFile("cmdline", Encoding.ASCII.GetBytes(program))];
        if (settings.ToFile() is { } setup)
            files.Add(new FlashFile(FirmwareSettings.FileName, setup));
        return FlashImage.Build(File.ReadAllBytes(Image("firmware.bin")), files);
    }

    /// <summary>Our firmware and kernel with another command line and initramfs.</summary>
    public static byte[] BuildFlash(string commandLine, byte[] initramfs) => FlashImage.Build(
        File.ReadAllBytes(Image("firmware.bin")),
        [
            new FlashFile("kernel", File.ReadAllBytes(Image("os.elf"))),
            new FlashFile("initrd", initramfs),
            new FlashFile("cmdline", Encoding.ASCII.GetBytes(commandLine)),
        ]);

    /// <summary>Path of a guest image of the build.</summary>
    public static string Image(string name)
    {
        DirectoryInfo? at = new(TestContext.CurrentContext.TestDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "CoSim.sln")))
        {
            at = at.Parent;
        }

        return Path.Combine(at!.FullName, "artifacts", "guest", name);
    }
}
