using System.Diagnostics;
using System.Runtime.Versioning;

namespace CoSim.Cli.Tests;

/// <summary>The launcher script, with a `dotnet` of the test's own in front of the real one.</summary>
[TestFixture]
[Category("NeedsTools")]
[SupportedOSPlatform("linux")]
public sealed class LauncherTests
{
    private const string WorkingBuild = """
        echo "building" >> "$LAUNCHER_TEST/builds"
        mkdir -p "$LAUNCHER_TEST/artifacts/bin/Cli/release"
        printf '#!/bin/sh\nprintf "[%%s]" "$@"\nexit 7\n' > "$LAUNCHER_TEST/artifacts/bin/Cli/release/cosim"
        chmod +x "$LAUNCHER_TEST/artifacts/bin/Cli/release/cosim"
        """;

    private DirectoryInfo _root = null!;

    [SetUp]
    public void MakeCheckout()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/bin/bash"))
            Assert.Ignore("no /bin/bash");
        _root = Directory.CreateTempSubdirectory("cosim-launcher-");
        _root.CreateSubdirectory("cli");
        _root.CreateSubdirectory("bin");
        File.WriteAllText(Place("cli/Program.cs"), "// source");
        WriteScript("cosim", File.ReadAllText(FindLauncher()));
    }

    [TearDown]
    public void RemoveCheckout() => _root?.Delete(true);

    [Test]
    public void BuildsOnceAndThenOnlyWhenASourceIsNewer()
    {
        WriteScript("bin/dotnet", "#!/bin/bash\n" + WorkingBuild);
        (int firstStatus, string firstOutput, string firstError) = Launch("run", "--", "a b", "");
        (_, _, string secondError) = Launch("x");
        File.SetLastWriteTimeUtc(Place("cli/Program.cs"), DateTime.UtcNow.AddMinutes(1));
        (_, _, string thirdError) = Launch("x");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((firstStatus, firstOutput), Is.EqualTo((7, "[run][--][a b][]")), "status and arguments are the program's");
            Assert.That(firstError, Does.StartWith("cosim: building"));
            Assert.That(secondError, Is.Empty);
            Assert.That(thirdError, Does.StartWith("cosim: building"));
            Assert.That(File.ReadAllLines(Place("builds")), Has.Length.EqualTo(2));
        }
    }

    [Test]
    public void BuildFailureIsReportedAndTriedAgain()
    {
        WriteScript("bin/dotnet", "#!/bin/bash\necho 'a.cs(1,1): error CS1002: ; expected'\nexit 1\n");
        (int status, string output, string error) = Launch("--version");
        WriteScript("bin/dotnet", "#!/bin/bash\n" + WorkingBuild);
        (int next, _, _) = Launch("--version");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((status, output), Is.EqualTo((1, "")));
            Assert.That(error, Does.Contain("a.cs(1,1): error CS1002").And.Contain("cosim: the build failed"));
            Assert.That(next, Is.EqualTo(7));
        }
    }

    [Test]
    public void WorksThroughASymbolicLinkFromElsewhere()
    {
        WriteScript("bin/dotnet", "#!/bin/bash\n" + WorkingBuild);
        File.CreateSymbolicLink(Place("bin/link"), Place("cosim"));
        (int status, string output, _) = Start(Place("bin/link"), ["hello"]);
        Assert.That((status, output), Is.EqualTo((7, "[hello]")));
    }

    private (int Status, string Output, string Error) Launch(params string[] arguments) => Start(Place("cosim"), arguments);

    private (int Status, string Output, string Error) Start(string launcher, string[] arguments)
    {
        ProcessStartInfo start = new(launcher, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["PATH"] = Place("bin") + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["LAUNCHER_TEST"] = _root.FullName;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private string Place(string name) => Path.Combine(_root.FullName, name);

    private void WriteScript(string name, string text)
    {
        File.WriteAllText(Place(name), text);
        File.SetUnixFileMode(Place(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string FindLauncher()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at != null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "cosim")) && File.Exists(Path.Combine(at.FullName, "CoSim.sln")))
                return Path.Combine(at.FullName, "cosim");
        throw new FileNotFoundException("cosim");
    }
}
