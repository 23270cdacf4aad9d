using System.Globalization;
using CoSim.Cli.Logging;
using CoSim.Hw.Simulation;
using Serilog.Core;
using Serilog.Events;

namespace CoSim.Cli.Tests;

/// <summary>The log's lines, and the writer beside the simulation.</summary>
[TestFixture]
public sealed class MachineLogTests
{
    private static readonly SimTime When = SimTime.Zero + SimDuration.FromNanoseconds(1_020_000_003);
    private static readonly LogChoice Everything = new("-", LogEventLevel.Verbose, [], SimTime.Zero, SimTime.Never);

    [Test]
    public void LineIsTimeLevelComponentMessage() => Assert.That(
        Lines(log => log.Write("apic0", When, LogEventLevel.Warning, "not modelled: {What:l} {Bits:X}h", ("What", "bit {5}"), ("Bits", 255UL))),
        Is.EqualTo("1.020000003 s WRN apic0    not modelled: bit {5} FFh\n"));

    [Test]
    public void EveryLevelHasItsWord()
    {
        string text = Lines(log =>
        {
            foreach (LogEventLevel level in Enum.GetValues<LogEventLevel>())
                log.Write("pm", When, level, "x");
        });
        Assert.That(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[2]), Is.EqualTo((string[])["VRB", "DBG", "INF", "WRN", "ERR", "FTL"]));
    }

    [Test]
    public void DevicesSayWhatTheyDo()
    {
        string text = Lines(log =>
        {
            DeviceLog devices = new(log);
            devices.ClockRead("pm", When, 0xABC);
            devices.TimerProgrammed("hpet.timer0", When, When + SimDuration.FromSeconds(1));
            devices.TimerProgrammed("apic3.timer", When, SimTime.Never);
            devices.TimerExpired("apic3.timer", When);
            devices.LineChanged("hpet.pin2", When, true);
            devices.PostCode(When, 0x10);
            devices.InterruptAccepted(1, When, 0xEC, 0);
            devices.InterruptAccepted(2, When, 0x08, 6);
        });
        const string time = "1.020000003 s ";
        Assert.That(text, Is.EqualTo(
            time + "VRB pm       pm read: ABCh\n" +
            time + "DBG hpet     hpet.timer0 programmed for 2.020000003 s\n" +
            time + "DBG apic3    apic3.timer stopped\n" +
            time + "DBG apic3    apic3.timer expired\n" +
            time + "DBG hpet     hpet.pin2 asserted\n" +
            time + "INF firmware progress code 10h\n" +
            time + "DBG apic1    accepted vector ECh\n" +
            time + "DBG apic2    accepted start-up, vector 08h\n"));
    }

    [Test]
    public void SlowWriterLosesNothingAndKeepsTheOrder()
    {
        const int lines = 20_000; // several times what the channel holds
        SlowSink sink = new();
        using (MachineLog log = MachineLog.To(Everything, sink))
            for (int i = 0; i < lines; i++)
                log.Write("pm", When, LogEventLevel.Debug, "{I}", ("I", i));
        Assert.That(sink.Messages, Is.EqualTo(Enumerable.Range(0, lines).Select(i => i.ToString(CultureInfo.InvariantCulture))));
    }

    [Test]
    public void FullDiskEndsTheLogAndNotTheRun()
    {
        const int lines = 20_000;
        StringWriter error = new();
        using MachineLog log = MachineLog.To(Everything, new BrokenSink());
        for (int i = 0; i < lines; i++)
            log.Write("pm", When, LogEventLevel.Debug, "x");
        log.Close(error);
        Assert.That(error.ToString().TrimEnd(), Is.EqualTo("cosim: -: the log is not complete: no space left"));
    }

    [Test]
    public void FileIsReplacedAndEndsWithTheLastLine()
    {
        using TemporaryDirectory directory = new();
        string path = directory.Write("run.log", "old\n"u8);
        using (MachineLog log = MachineLog.Open(Everything with { Path = path })!)
            log.Write("hpet", When, LogEventLevel.Error, "last");
        Assert.That(File.ReadAllBytes(path), Is.EqualTo("1.020000003 s ERR hpet     last\n"u8.ToArray()));
    }

    [Test]
    public void NoPathIsNoLog() => Assert.That(MachineLog.Open(Everything with { Path = null }), Is.Null);

    private static string Lines(Action<MachineLog> write)
    {
        TextSink sink = new();
        using (MachineLog log = MachineLog.To(Everything, sink))
            write(log);
        return sink.Text.ToString();
    }

    private sealed class TextSink : ILogEventSink
    {
        private readonly SimulatedTimeFormatter _formatter = new();

        public StringWriter Text { get; } = new();

        public void Emit(LogEvent logEvent) => _formatter.Format(logEvent, Text);
    }

    private sealed class SlowSink : ILogEventSink
    {
        private const int Pause = 4096;

        public List<string> Messages { get; } = [];

        public void Emit(LogEvent logEvent)
        {
            if (Messages.Count % Pause == 0)
                Thread.Sleep(1);
            Messages.Add(logEvent.RenderMessage(CultureInfo.InvariantCulture));
        }
    }

    private sealed class BrokenSink : ILogEventSink
    {
        public void Emit(LogEvent logEvent) => throw new IOException("no space left");
    }
}
