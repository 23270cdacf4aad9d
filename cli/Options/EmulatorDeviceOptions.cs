using System.CommandLine;
using System.CommandLine.Parsing;
using CoSim.Hw.Legacy;
using CoSim.Os.Loader;

namespace CoSim.Cli.Options;

/// <summary>What the user chose of the devices that QEMU has and a Rome board has not.</summary>
/// <param name="Devices">The devices.</param>
/// <param name="Files">Files of the firmware configuration device.</param>
internal sealed record EmulatorDeviceChoice(EmulatorDevices Devices, IReadOnlyList<FlashFile> Files);

/// <summary>The options for devices at QEMU's places.</summary>
internal sealed class EmulatorDeviceOptions
{
    private static readonly (string Name, EmulatorDevices Device)[] Names =
    [
        ("debug-exit", EmulatorDevices.DebugExit),
        ("test-device", EmulatorDevices.TestDevice),
        ("fw-cfg", EmulatorDevices.FwCfg),
        ("debug-console", EmulatorDevices.DebugConsole),
        ("keyboard-controller", EmulatorDevices.KeyboardController),
        ("text-screen", EmulatorDevices.TextScreen),
        ("none", EmulatorDevices.None),
    ];

    private readonly Option<EmulatorDevices?> _devices;
    private readonly Option<string[]> _files = new("--fw-cfg")
    {
        Description = "A file of the firmware configuration device, by the name that the program asks for (repeatable).",
        HelpName = "NAME=FILE",
    };

    private readonly EmulatorDevices _default;

    /// <summary>The options, with the devices that are there unless the user says otherwise.</summary>
    public EmulatorDeviceOptions(EmulatorDevices @default)
    {
        _default = @default;
        string names = string.Join(",", Names.Where(n => n.Device != EmulatorDevices.None && @default.HasFlag(n.Device)).Select(n => n.Name));
        _devices = new Option<EmulatorDevices?>("--devices")
        {
            Description = "Devices at QEMU's places: debug-exit (port F4h ends the machine with status value * 2 + 1), test-device (register E0h, interrupt lines 2000h+n, "
                + $"64 KiB of RAM at FF000000h), fw-cfg (port 510h), debug-console (port 402h, to the error output), keyboard-controller (ports 60h and 64h, nobody types), text-screen (80 by 25 characters at B8000h); or none. [default: {names}]",
            HelpName = "NAME,...",
            CustomParser = Parse,
        };
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_devices);
        command.Add(_files);
    }

    /// <summary>What the user chose, with the files read.</summary>
    /// <exception cref="BadInputException">A file cannot be read, or its name is not one of this device.</exception>
    public EmulatorDeviceChoice Read(ParseResult parsed) =>
        new(parsed.GetValue(_devices) ?? _default, [.. (parsed.GetValue(_files) ?? []).Select(ReadFile)]);

    private static EmulatorDevices? Parse(ArgumentResult result)
    {
        EmulatorDevices devices = EmulatorDevices.None;
        foreach (string word in MachineOptions.Word(result).Split(','))
        {
            int index = Array.FindIndex(Names, n => n.Name == word);
            if (index < 0)
                return MachineOptions.Fail<EmulatorDevices?>(result, $"'{word}' is none of {string.Join(", ", Names.Select(n => n.Name))}");
            devices |= Names[index].Device;
        }

        return devices;
    }

    private static FlashFile ReadFile(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? "" : word[..equals];
        if (name.Length is 0 or > FwCfgItems.MaximumName || !System.Text.Ascii.IsValid(name))
            throw new BadInputException($"--fw-cfg '{word}'", $"must be NAME=FILE, with a name of 1 to {FwCfgItems.MaximumName} ASCII characters");
        return new FlashFile(name, InputFile.Read(word[(equals + 1)..]));
    }
}
