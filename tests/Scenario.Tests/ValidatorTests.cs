using System.Diagnostics;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>The published schema in the hands of a validator that is not ours: python3-jsonschema, with python3-yaml to read the files.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class ValidatorTests
{
    private static string Schema => Path.Combine(Repository.Root, "docs", "scenario.schema.json");

    [Test]
    public void EveryScenarioOfTheRepositoryIsValid()
    {
        string[] scenarios = Directory.GetFiles(Path.Combine(Repository.Root, "scenarios"), "*.yaml", SearchOption.AllDirectories);
        Assert.That(scenarios, Has.Length.GreaterThan(40));
        Assert.That(Validate(scenarios), Is.Empty);
    }

    [TestCase("machine: {coers: 2}", "machine", "coers")]
    [TestCase("limit: 5", "limit", "5 is not of type")]
    [TestCase("machine: {cores: 65}", "machine/cores", "65 is greater than the maximum")]
    [TestCase("firmware: {hpet-base: fed0}", "firmware/hpet-base", "does not match")]
    [TestCase("faults: [{name: a, at: 1ms}]", "faults/0", "")]
    public void AMistakeIsFoundWhereItIs(string line, string path, string message)
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("a.yaml");
        File.WriteAllText(file, "title: t\nworkload: [[a]]\nexpect: {status: 0}\n" + line + "\n");
        Assert.That(Validate(file), Does.StartWith($"{file}: {path}: ").And.Contain(message));
    }

    private static string Validate(params string[] files)
    {
        string script = Path.Combine(Repository.Root, "tests", "Scenario.Tests", "validate.py");
        if (Python(script) is not (0, _))
            Assert.Ignore("no python3 with jsonschema and yaml");
        (int status, string output) = Python([script, Schema, .. files]);
        Assert.That(status, Is.Zero, output);
        return output;
    }

    /// <summary>Runs Python; a status that is not 0 when there is none.</summary>
    private static (int Status, string Output) Python(params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = process.StandardOutput.ReadToEnd(), error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (e.NativeErrorCode, e.Message);
        }
    }
}
