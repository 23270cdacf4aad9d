using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Migrate;

/// <summary>Runs the two machines of a migration, one after the other.</summary>
/// <param name="choice">What the user chose.</param>
/// <param name="program">The program to bring along; null for one of the initramfs.</param>
/// <param name="console">Receives what the program writes on both machines.</param>
/// <param name="error">Receives what goes wrong.</param>
internal sealed class MigrationRun(MigrationChoice choice, ProgramPackage? program, Stream console, TextWriter error)
{
    private readonly GuestImages _images = GuestImages.Above(AppContext.BaseDirectory);

    /// <summary>Statistics of the machines that ran.</summary>
    public RunStatistics? Before { get; private set; }

    /// <summary>Statistics of the machine that the program went on on; null when it has not run.</summary>
    public RunStatistics? After { get; private set; }

    /// <summary>Wall time, in seconds since 1970, that the second machine starts with.</summary>
    public long SecondRtc { get; private set; }

    /// <summary>Runs the program on the first machine until it is saved.</summary>
    /// <param name="status">The exit status when there is nothing to go on with: the program ended before, or could not be saved.</param>
    /// <returns>The image, or null.</returns>
    public ProcessImage? Save(out int status)
    {
        string[] words = choice.IsProof ? [MigrationChoice.Proof] : [program?.GuestPath ?? choice.Words[0], .. choice.Words.Skip(1)];
        InitJob job = new(words, null, Echo: false) { CheckpointAfterNanoseconds = choice.AtNanoseconds };
        BootFiles files = BootFiles.ForJob(_images, job, program, Parameters(choice.From));
        using GuestRun run = Build(choice.From, files, out ConsoleOutput output);
        BlockReceiver receiver = new(run.Machine.Memory);
        run.RequestObserver = (_, request, argument) =>
        {
            if (request != GuestRequest.Data)
                return;
            receiver.Take(argument);
            if (receiver.IsComplete || receiver.Problem != null)
                run.Machine.RequestStop();
        };
        StopReason reason = run.Run(() => true);
        Before = run.Statistics;
        if (receiver.IsComplete)
        {
            status = 0;
            return ProcessImage.Read(receiver.Data, out string problem) ?? throw new InvalidOperationException("the guest's image: " + problem);
        }
        if (receiver.Problem != null)
            error.WriteLine($"cosim: machine: the guest handed over {receiver.Problem}");
        status = run.ExitStatus ?? RunFailure.Report(run, reason, output, error);
        return null;
    }

    /// <summary>Goes on with an image on the second machine.</summary>
    /// <returns>The program's exit status.</returns>
    public int GoOn(ProcessImage image)
    {
        const long NanosecondsPerSecond = 1_000_000_000;
        InitJob job = new([], null, Echo: false) { RestoresImage = true, KeepsClocks = choice.KeepsClocks };
        // The wall clock is nobody's own: the second machine has the right time, which is later.
        SecondRtc = (image.RealtimeNanoseconds / NanosecondsPerSecond) + 1 + choice.DowntimeSeconds;
        MigrationEnd to = choice.To with { RtcUnixSeconds = SecondRtc };
        BootFiles files = BootFiles.ForImage(_images, job, image.Bytes.ToArray(), Parameters(to));
        using GuestRun run = Build(to, files, out ConsoleOutput output);
        StopReason reason = run.Run(() => true);
        After = run.Statistics;
        return run.ExitStatus ?? RunFailure.Report(run, reason, output, error);
    }

    private string Parameters(MigrationEnd end)
    {
        string parameters = end.Parameters(choice.OsParameters);
        return choice.Verbose ? parameters : $"quiet {parameters}".TrimEnd();
    }

    private GuestRun Build(MigrationEnd end, BootFiles files, out ConsoleOutput output)
    {
        output = new ConsoleOutput(console, translate: true, open: choice.Verbose);
        MachineSpec spec = end.Spec(GuestImages.Read(_images.FirmwarePath), files);
        return new GuestRun(spec, DetailedEngines.Plain(spec.Model, spec.Cores), output, null);
    }
}
