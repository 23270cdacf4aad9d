using System.CommandLine;
using System.Text.Json;
using CoSim.Cli.Inspect;
using CoSim.Cli.Options;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Commands;

/// <summary>`cosim inspect`: shows a part of the machine without running a program.</summary>
internal static class InspectCommands
{
    private const int MaximumError = 10_000_000;

    /// <summary>Builds the commands.</summary>
    public static IEnumerable<Command> Create()
    {
        yield return CreateClocks();
    }

    private static Command CreateClocks()
    {
        ExampleCommand command = new(
            "clocks",
            "Print each clock of the machine with its frequency, width, wrap time and value at one instant, all counters started at reset.",
            [
                "cosim inspect clocks",
                "cosim inspect clocks --at 90028800                           after 1042 days",
                "cosim inspect clocks --at 3600 --fch-ppb -20000 --json       the FCH's crystal 20 ppm slow",
            ]);
        MachineOptions machine = new(EngineKind.Functional);
        Option<Seconds> at = new("--at")
        {
            Description = "The instant, in simulated seconds since reset.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => new Seconds(1_000_000_000),
            CustomParser = result => Seconds.TryParse(MachineOptions.Word(result))
                ?? MachineOptions.Fail<Seconds>(result, $"must be seconds from 0 to {Seconds.MaximumSeconds} with at most 9 decimals"),
        };
        Option<int> refclk = Error("--refclk-ppb", "the 100 MHz REFCLK");
        Option<int> fch = Error("--fch-ppb", "the FCH's 48 MHz crystal");
        Option<int> rtc = Error("--rtc-ppb", "the RTC's crystal");
        Option<bool> json = new("--json") { Description = "Print JSON." };
        machine.AddTo(command);
        foreach (Option option in (Option[])[at, refclk, fch, rtc, json])
            command.Add(option);
        command.SetAction(parsed =>
        {
            IReadOnlyList<ClockView> clocks = ClockInspection.Read(
                machine.Read(parsed),
                parsed.GetRequiredValue(at),
                new OscillatorErrors(parsed.GetRequiredValue(refclk), parsed.GetRequiredValue(fch), parsed.GetRequiredValue(rtc)));
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetRequiredValue(json))
                output.WriteLine(ToJson(clocks, parsed.GetRequiredValue(at)));
            else
                Screen.For(output).Write(ToTable(clocks));
            return 0;
        });
        return command;
    }

    private static Option<int> Error(string name, string oscillator) => new(name)
    {
        Description = $"How far {oscillator} is off, in parts per billion; positive is fast.",
        HelpName = "PPB",
        DefaultValueFactory = _ => 0,
        CustomParser = result => int.TryParse(MachineOptions.Word(result), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out int value)
            && Math.Abs((long)value) <= MaximumError
            ? value
            : MachineOptions.Fail<int>(result, $"must be a whole number from -{MaximumError} to {MaximumError}"),
    };

    private static TextTable ToTable(IReadOnlyList<ClockView> clocks)
    {
        TextTable table = new TextTable().Words("clock").Words("oscillator").Numbers("frequency in Hz").Numbers("bits").Words("counts").Numbers("wraps after s").Numbers("value");
        foreach (ClockView clock in clocks)
            table.Row(clock.Name, clock.Oscillator, clock.Hertz, clock.Bits == 0 ? "" : $"{clock.Bits}", clock.Bits == 0 ? "calendar" : clock.CountsDown ? "down" : "up", clock.WrapSeconds, clock.Text);
        return table;
    }

    private static string ToJson(IReadOnlyList<ClockView> clocks, Seconds at)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema", "cosim.inspect.clocks/1");
            json.WritePropertyName("atSeconds");
            json.WriteRawValue(at.ToString());
            json.WriteStartArray("clocks");
            foreach (ClockView clock in clocks)
                WriteClock(json, clock);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteClock(Utf8JsonWriter json, ClockView clock)
    {
        json.WriteStartObject();
        json.WriteString("name", clock.Name);
        json.WriteString("oscillator", clock.Oscillator);
        json.WriteNumber("hertzNumerator", clock.Rate.Numerator);
        json.WriteNumber("hertzDenominator", clock.Rate.Denominator);
        if (clock.Bits > 0)
        {
            json.WriteNumber("bits", clock.Bits);
            json.WriteString("counts", clock.CountsDown ? "down" : "up");
            json.WritePropertyName("wrapSeconds");
            json.WriteRawValue(clock.WrapSeconds);
            json.WriteNumber("value", clock.Value);
        }
        else
        {
            json.WriteString("value", clock.Text);
        }
        json.WriteEndObject();
    }
}
