using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Hw.Legacy;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim boot bios`: runs a PC firmware that was built for QEMU, such as SeaBIOS, in place of ours.</summary>
internal static class BootBiosCommand
{
    private const ushort Com1 = 0x3F8;

    private static readonly string[] Examples =
    [
        "cosim boot bios --bios /usr/share/seabios/bios-256k.bin",
        "cosim boot bios --bios /usr/share/seabios/bios.bin --cores 4 --debug-output seabios.log",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "bios",
            "Run a firmware for QEMU's 'pc' machine from the reset vector, with this terminal as its serial console. The machine shows that board's bridges "
            + "on PCI and has a firmware configuration device, which asks SeaBIOS to use the serial line (etc/sercon-port).",
            Examples);
        MachineOptions machine = new(EngineKind.Functional);
        Option<string> bios = new("--bios") { Description = "The firmware: a multiple of 64 KiB, whose last 16 bytes are the reset vector.", HelpName = "FILE", Required = true };
        Option<string?> debug = new("--debug-output") { Description = "Write the firmware's debug output (port 402h) to a file; '-' is the error output.", HelpName = "FILE" };
        command.Add(bios);
        command.Add(debug);
        EmulatorDeviceOptions devices = new(EmulatorDevices.DebugExit | EmulatorDevices.FwCfg | EmulatorDevices.DebugConsole);
        devices.AddTo(command);
        machine.AddTo(command);
        RunOptions options = new(new RecordOptions(isPurpose: false));
        options.AddTo(command);
        command.SetAction(parsed => Execute(
            new BootBiosChoice(machine.Read(parsed), parsed.GetRequiredValue(bios), parsed.GetValue(debug), devices.Read(parsed), options.Read(parsed, alwaysLog: false)),
            error));
        return command;
    }

    private static int Execute(BootBiosChoice choice, TextWriter error)
    {
        MachineSpec spec = SpecOf(choice);
        CodePlaces places = new();
        RunPlan plan = choice.Run.Plan(places);
        if (choice.DebugOutput is not (null or "-"))
            WholeFile.CheckWritable(choice.DebugOutput);
        using StringWriter text = new();
        int status = TerminalRun.Execute(
            (output, input) =>
            {
                GuestRun run = new(spec, DetailedEngines.For(spec.Model, spec.Cores, choice.Run.Record?.Level), output, input)
                {
                    HasOwnInit = true,
                    DebugConsole = choice.DebugOutput switch { null => null, "-" => error, _ => text },
                };
                plan.ApplyTo(run);
                return run;
            },
            verbose: true,
            choice.Run,
            error);
        if (choice.DebugOutput is not (null or "-"))
            WholeFile.Write(choice.DebugOutput, stream => stream.Write(System.Text.Encoding.Latin1.GetBytes(text.ToString())));
        return status;
    }

    private static MachineSpec SpecOf(BootBiosChoice choice)
    {
        byte[] firmware = InputFile.Read(choice.Bios);
        byte[] flash;
        try
        {
            flash = FlashImage.ForBios(firmware);
        }
        catch (ArgumentException e)
        {
            throw new BadInputException(choice.Bios, e.Message);
        }

        return DirectBoot.SpecOf(choice.Machine) with
        {
            Flash = flash,
            Board = BoardKind.I440Fx,
            Devices = choice.Devices.Devices,
            ConfigurationFiles = [new FlashFile("etc/sercon-port", FwCfgItems.Number(Com1, sizeof(ushort))), .. choice.Devices.Files],
        };
    }
}

/// <summary>What the user chose for `cosim boot bios`.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Bios">The firmware's file.</param>
/// <param name="DebugOutput">Where its debug output goes; null for nowhere.</param>
/// <param name="Devices">Devices at QEMU's places.</param>
/// <param name="Run">Places, log, recording, debugger.</param>
internal sealed record BootBiosChoice(MachineChoice Machine, string Bios, string? DebugOutput, EmulatorDeviceChoice Devices, RunChoices Run);
