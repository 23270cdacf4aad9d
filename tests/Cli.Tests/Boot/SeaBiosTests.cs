using System.Text;
using CoSim.Cli.Running;
using CoSim.Hw.Board;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Tests.Boot;

/// <summary>Debian's SeaBIOS, unmodified, as the machine's firmware: to its prompt, and by Escape to its menu.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class SeaBiosTests
{
    private const string Image = "/usr/share/seabios/bios-256k.bin", Prompt = "Press ESC for boot menu.", Menu = "Select boot device:";
    private const int WatchdogSeconds = 30;

    [OneTimeSetUp]
    public static void FindImage()
    {
        if (!File.Exists(Image))
            Assert.Ignore($"no {Image} (package seabios)");
    }

    [Test]
    public void EscapeOpensTheMenu([Values(1, 4)] int cores)
    {
        using Desk desk = new(cores);
        Assert.That(desk.Machine.Run(SimTime.Zero + SimDuration.FromSeconds(WatchdogSeconds)), Is.EqualTo(StopReason.Requested), desk.Screen);
        Assert.That(desk.Screen, Does.Contain("SeaBIOS (version").And.Contain(Prompt).And.Contain(Menu));
        Assert.That(desk.Debug, Does.Contain($"Found {cores} cpu(s) max supported {cores} cpu(s)"));
    }

    [Test]
    public void CommandShowsThePrompt()
    {
        using TemporaryDirectory directory = new();
        string debug = directory.File("debug");

        // Nothing can be booted: SeaBIOS says so and resets the machine after a minute.
        CommandLine.Result result = CosimProcess.Run("", "boot", "bios", "--bios", Image, "--debug-output", debug);
        Assert.That(result.Output, Does.Contain(Prompt).And.Contain("No bootable device."), result.Error);
        Assert.That(result.Error, Does.Contain("the machine was reset"));
        Assert.That(File.ReadAllText(debug), Does.Contain("Running on QEMU (i440fx)"));
    }

    /// <summary>Somebody who presses Escape at the prompt and stops the machine at the menu.</summary>
    private sealed class Desk : IMachineHost, IDisposable
    {
        private const byte Escape = 0x1B;

        private readonly StringBuilder _screen = new();
        private readonly StringBuilder _debug = new();
        private bool _pressed;

        public Desk(int cores)
        {
            MachineSpec spec = new()
            {
                Model = EpycModel.All[0],
                Cores = cores,
                MemoryBytes = 128 << 20,
                Flash = FlashImage.ForBios(File.ReadAllBytes(Image)),
                Engine = EngineKind.Functional,
                Board = BoardKind.I440Fx,
                Devices = EmulatorDevices.FwCfg | EmulatorDevices.DebugConsole,
                ConfigurationFiles = [new FlashFile("etc/sercon-port", FwCfgItems.Number(0x3F8, 2))],
            };
            Machine = new Machine(spec, this, new NoDetail());
        }

        public Machine Machine { get; }

        public string Screen => _screen.ToString();

        public string Debug => _debug.ToString();

        public void Transmit(byte value)
        {
            _screen.Append((char)value);
            if (_pressed && Ends(Menu))
                Machine.RequestStop();
        }

        public bool TryReceive(out byte value)
        {
            value = Escape;
            bool press = !_pressed && Screen.Contains(Prompt, StringComparison.Ordinal);
            _pressed |= press;
            return press;
        }

        public bool WaitForInput() => false;

        public void OnGuestRequest(int core, GuestRequest request, ulong argument)
        {
        }

        public void OnUnmodelled(string what) => TestContext.Out.WriteLine(what);

        public void OnDebugConsole(byte value) => _debug.Append((char)value);

        public void Dispose() => Machine.Dispose();

        private bool Ends(string text) => _screen.Length >= text.Length && _screen.ToString(_screen.Length - text.Length, text.Length) == text;
    }

    private sealed class NoDetail : IEngineFactory
    {
        public IDetailedEngine CreateDetailed(CoreContext core) => throw new NotSupportedException();
    }
}
