using System.CommandLine;
using System.Text.Json;
using CoSim.Cli.Inspect;
using CoSim.Cli.Inspect.Checks;
using CoSim.Cli.Options;
using CoSim.Cli.Scenarios;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim inspect`: shows a part of the machine without running a program, or checks it.</summary>
internal static class InspectCommands
{
    private const int MaximumError = 10_000_000;

    /// <summary>Exit status of a check that found a disagreement.</summary>
    private const int DisagreementStatus = 1;

    /// <summary>Builds the commands.</summary>
    public static IEnumerable<Command> Create()
    {
        yield return CreateClocks();
    }

    private static Command CreateClocks()
    {
        ExampleCommand command = new(
            "clocks",
            "Print each clock of the machine with its frequency, width, wrap time and value at one instant, all counters started at reset. With --check, compare what CPUID, MSRs and ACPI declare with each other and with what the devices' registers show over an interval, after firmware has run; the exit status is 1 when something disagrees.",
            [
                "cosim inspect clocks",
                "cosim inspect clocks --at 90028800                           after 1042 days",
                "cosim inspect clocks --at 3600 --fch-ppb -20000 --json       the FCH's crystal 20 ppm slow",
                "cosim inspect clocks --check --cores 4                       do all of them agree?",
                "cosim inspect clocks --check scenarios/bugs/FW-08/bug.yaml   a scenario's machine: names what disagrees",
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
        Option<string?> check = new("--check")
        {
            Description = "Check the clocks of the machine, or of a scenario's machine, and name the first disagreement.",
            HelpName = "SCENARIO",
            Arity = ArgumentArity.ZeroOrOne,
        };
        machine.AddTo(command);
        foreach (Option option in (Option[])[at, refclk, fch, rtc, check, json])
            command.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetResult(check) is not null)
            {
                string? scenario = parsed.GetValue(check);
                Refuse(parsed, scenario is null ? [at] : [.. command.Options.Where(o => o != check && o != json)]);
                using CheckedMachine checkedMachine = scenario is null
                    ? CheckedMachine.Start(machine.Read(parsed), Errors(parsed, refclk, fch, rtc))
                    : CheckedMachine.Start(ScenarioFile.Read(scenario), ScenarioCommands.Files(null));
                return Report(ClockChecks.Run(checkedMachine), parsed.GetRequiredValue(json), parsed.InvocationConfiguration.Output);
            }
            IReadOnlyList<ClockView> clocks = ClockInspection.Read(
                machine.Read(parsed),
                parsed.GetRequiredValue(at),
                Errors(parsed, refclk, fch, rtc));
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetRequiredValue(json))
                output.WriteLine(ToJson(clocks, parsed.GetRequiredValue(at)));
            else
                Screen.For(output).Write(ToTable(clocks));
            return 0;
        });
        return command;
    }

    /// <summary>Options that have no meaning beside others are errors.</summary>
    private static void Refuse(ParseResult parsed, IEnumerable<Option> options)
    {
        if (options.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option)
            throw new BadInputException(option.Name, option.Name == "--at" ? "--check chooses its instants itself" : "the scenario of --check describes the machine");
    }

    private static OscillatorErrors Errors(ParseResult parsed, Option<int> refclk, Option<int> fch, Option<int> rtc) =>
        new(parsed.GetRequiredValue(refclk), parsed.GetRequiredValue(fch), parsed.GetRequiredValue(rtc));

    private static int Report(ClockCheckResult result, bool asJson, TextWriter output)
    {
        if (asJson)
            output.WriteLine(JsonText.Of(result.Write));
        else
            result.Write(output);
        return result.FirstDisagreement is null ? 0 : DisagreementStatus;
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

    private static string ToJson(IReadOnlyList<ClockView> clocks, Seconds at) => JsonText.Of(json =>
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
    });

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
