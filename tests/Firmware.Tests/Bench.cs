using System.Text;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Firmware.Tests;

/// <summary>A machine with our firmware in its flash, and what it said.</summary>
public sealed class Bench : IMachineHost, IEngineFactory, IDisposable
{
    private readonly StringBuilder _console = new();
    private readonly List<string> _unmodelled = [];
    private readonly DetailedCores _detailed;

    /// <summary>Builds the machine; files go to the flash.</summary>
    public Bench(int cores, ulong memoryBytes, EngineKind engine, params FlashFile[] files)
    {
        EpycModel model = EpycModel.Find("7742")!;
        _detailed = new DetailedCores(cores, model.Base);
        MachineSpec spec = new()
        {
            Model = model,
            Cores = cores,
            MemoryBytes = memoryBytes,
            Engine = engine,
            Flash = FlashImage.Build(File.ReadAllBytes(Image("firmware.bin")), files),
        };
        Machine = new Machine(spec, this, this) { RestartOnReset = false };
    }

    /// <summary>The machine.</summary>
    public Machine Machine { get; }

    /// <summary>What came out of the serial console, without carriage returns.</summary>
    public string Console => _console.ToString();

    /// <summary>What the guest touched that the machine does not model.</summary>
    public IReadOnlyList<string> Unmodelled => _unmodelled;

    /// <summary>The sample kernel of the tool chain.</summary>
    public static FlashFile SampleKernel => new("kernel", File.ReadAllBytes(Image("sample-kernel.elf")));

    /// <summary>Runs for a simulated time at most.</summary>
    public StopReason Run(int milliseconds) => Machine.Run(Machine.Now + SimDuration.FromMilliseconds(milliseconds));

    /// <inheritdoc/>
    public void Dispose() => Machine.Dispose();

    /// <inheritdoc/>
    public IDetailedEngine CreateDetailed(CoreContext core) => _detailed.Create(core, default(NoProbe));

    /// <inheritdoc/>
    public void Transmit(byte value)
    {
        if (value != '\r') _console.Append((char)value);
    }

    /// <inheritdoc/>
    public bool TryReceive(out byte value)
    {
        value = 0;
        return false;
    }

    /// <inheritdoc/>
    public bool WaitForInput() => false;

    /// <inheritdoc/>
    public void OnGuestRequest(int core, GuestRequest request, ulong argument) => _unmodelled.Add($"request {request}");

    /// <inheritdoc/>
    public void OnUnmodelled(string what) => _unmodelled.Add(what);

    private static string Image(string name)
    {
        DirectoryInfo? at = new(TestContext.CurrentContext.TestDirectory);
        while (at != null && !File.Exists(Path.Combine(at.FullName, "CoSim.sln"))) at = at.Parent;
        return Path.Combine(at!.FullName, "artifacts", "guest", name);
    }
}
