using CoSim.Cli.Debug;
using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Cli.Tests;
using CoSim.Hw.Board;
using CoSim.Os.Loader;

namespace CoSim.Debug.Tests;

/// <summary>A run of our operating system with a shell script, with or without somebody who debugs it.</summary>
internal sealed class DebugBench : IDisposable
{
    private readonly MemoryStream _console = new();

    /// <summary>Builds the machine.</summary>
    public DebugBench(string script, int cores, EngineKind engine)
    {
        CosimProcess.RequireBusybox();
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        ProgramPackage program = ProgramPackage.Read("/bin/busybox", "");
        BootFiles files = BootFiles.ForJob(images, new InitJob([program.GuestPath, "sh", "-c", script], null, Echo: false), program, "quiet");
        MachineChoice choice = new(EpycModel.All[0], cores, 64UL << 20, Seed: 1, engine);
        GuestRunSpec spec = new(choice, engine, files, GuestImages.Read(images.FirmwarePath), DetailedEngines.Plain(choice.Model, cores));
        Run = new GuestRun(spec, new ConsoleOutput(_console, translate: true, open: false), null);
    }

    /// <summary>The run.</summary>
    public GuestRun Run { get; }

    /// <summary>What the program has written.</summary>
    public string Output => System.Text.Encoding.UTF8.GetString(_console.ToArray());

    /// <summary>Runs to the end and gives the digest of the machine's state.</summary>
    public ulong Finish() => Finish(() => { });

    /// <summary>Runs to the end and gives the digest of the machine's state.</summary>
    /// <param name="afterSlice">Called every 10 ms of simulated time.</param>
    public ulong Finish(Action afterSlice)
    {
        _ = Run.Run(() =>
        {
            afterSlice();
            return true;
        });
        return StateDigest.Of(Run.Machine);
    }

    /// <summary>Lets somebody debug.</summary>
    /// <param name="serve">Answers a stop with what the machine is to do; asked first before the first instruction.</param>
    public DebugSession Debug(Func<StopEvent, ResumeOrder> serve)
    {
        DebugSession session = new(Run);
        session.Attach(new Front(serve));
        return session;
    }

    /// <inheritdoc/>
    public void Dispose() => Run.Dispose();

    private sealed class Front(Func<StopEvent, ResumeOrder> serve) : IDebugFront
    {
        public ResumeOrder Serve(StopEvent stop) => serve(stop);

        public void Ended(int? status)
        {
        }

        public void Dispose()
        {
        }
    }
}
