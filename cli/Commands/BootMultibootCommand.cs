using System.CommandLine;
using System.Text;
using CoSim.Cli.Options;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim boot multiboot`: runs a bare-metal kernel that a multiboot loader can start, such as one written for QEMU's -kernel.</summary>
internal static class BootMultibootCommand
{
    private static readonly string[] Examples =
    [
        "cosim boot multiboot --kernel test.flat",
        "cosim boot multiboot --kernel smp.flat --cores 4 --append 'alpha beta' --module 'environment first module'",
        "cosim boot multiboot --kernel timing.elf --engine detailed --devices debug-exit",
        "cosim boot multiboot --kernel hello.bin --screen - --stop-at 100ms",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "multiboot",
            "Run a multiboot 1 kernel (ELF, 32 or 64 bits, or any file with address fields), with this terminal as its serial console. A value that it "
            + "writes to port F4h ends the machine with exit status value * 2 + 1; a power-off ends it with 0.",
            Examples);
        MachineOptions machine = new(EngineKind.Functional);
        Option<string> kernel = new("--kernel") { Description = "The kernel.", HelpName = "FILE", Required = true };
        Option<string[]> modules = new("--module") { Description = "A module (repeatable); words after the file's name are part of the module's string.", HelpName = "FILE [TEXT]" };
        Option<string> append = new("--append")
        {
            Description = "Parameters; the kernel's command line is its file name and these.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        Option<string?> screen = new("--screen")
        {
            Description = "Have a screen of text (VGA, 80 by 25 characters at B8000h), and write what it shows at the end to this file; '-' is the standard output.",
            HelpName = "FILE",
        };
        command.Add(kernel);
        command.Add(modules);
        command.Add(append);
        command.Add(screen);
        EmulatorDeviceOptions devices = new(
            EmulatorDevices.DebugExit | EmulatorDevices.TestDevice | EmulatorDevices.FwCfg | EmulatorDevices.DebugConsole
            | EmulatorDevices.KeyboardController);
        devices.AddTo(command);
        machine.AddTo(command);
        RunOptions options = new(new RecordOptions(isPurpose: false));
        options.AddTo(command);
        command.SetAction(parsed => Execute(
            new BootMultibootChoice(
                machine.Read(parsed), parsed.GetRequiredValue(kernel), parsed.GetValue(modules) ?? [], parsed.GetRequiredValue(append), devices.Read(parsed), options.Read(parsed, alwaysLog: true))
            {
                Screen = parsed.GetValue(screen),
            },
            error));
        return command;
    }

    private static int Execute(BootMultibootChoice choice, TextWriter error)
    {
        byte[] kernel = InputFile.Read(choice.Kernel);
        MultibootModule[] modules = [.. choice.Modules.Select(ReadModule)];
        MemoryLayout layout = DirectBoot.LayoutOf(choice.Machine);
        DirectImage image = MultibootLoader.Load(choice.Kernel, kernel, choice.Append, modules, layout);
        MachineSpec spec = DirectBoot.SpecOf(choice.Machine, image) with
        {
            Devices = choice.Devices.Devices | (choice.Screen is null ? EmulatorDevices.None : EmulatorDevices.TextScreen),
            ConfigurationFiles = choice.Devices.Files,
        };
        CodePlaces places = new CodePlaces().AddIfReadable(choice.Kernel, kernel);
        RunPlan plan = choice.Run.Plan(places);
        if (choice.Screen is not (null or "-"))
            WholeFile.CheckWritable(choice.Screen);
        string shown = "";
        int status = TerminalRun.Execute(
            (output, input) =>
            {
                GuestRun run = new(spec, DetailedEngines.For(spec.Model, spec.Cores, choice.Run.Record?.Level), output, input)
                {
                    HasOwnInit = true,
                    DebugConsole = error,
                };
                DirectBoot.Start(run.Machine, layout, image);
                plan.ApplyTo(run);
                run.Finished = () => shown = run.Machine.ScreenText;
                return run;
            },
            verbose: true,
            choice.Run,
            error);
        if (choice.Screen == "-")
            Console.Out.Write(shown);
        else if (choice.Screen is not null)
            WholeFile.Write(choice.Screen, stream => stream.Write(Encoding.ASCII.GetBytes(shown)));
        return status;
    }

    private static MultibootModule ReadModule(string word) => new(word, InputFile.Read(word.Split(' ', 2)[0]));
}

/// <summary>What the user chose for `cosim boot multiboot`.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Kernel">The kernel's file.</param>
/// <param name="Modules">The modules: files, each with the words that follow it.</param>
/// <param name="Append">Parameters.</param>
/// <param name="Devices">Devices at QEMU's places.</param>
/// <param name="Run">Places, log, recording, debugger.</param>
internal sealed record BootMultibootChoice(
    MachineChoice Machine, string Kernel, string[] Modules, string Append, EmulatorDeviceChoice Devices, RunChoices Run)
{
    /// <summary>Where the screen's text is written at the end; null: there is no screen, '-': the standard output.</summary>
    public string? Screen { get; init; }
}
