using System.Diagnostics;
using System.Runtime.Versioning;

namespace CoSim.Cli.Tests;

/// <summary>`cosim run` on a terminal, which script(1) provides.</summary>
[TestFixture]
[Category("NeedsTools")]
[SupportedOSPlatform("linux")]
public sealed class TerminalTests
{
    private const int TimeoutMilliseconds = 60_000;
    private const string Quit = "\u001d";
    private const string Interrupt = "\u0003";

    [SetUp]
    public void RequireTools()
    {
        CosimProcess.RequireBusybox();
        if (!File.Exists("/usr/bin/script"))
            Assert.Ignore("no /usr/bin/script (package bsdutils)");
    }

    [Test]
    public void KeysGoToTheGuestWhichEchoesThemOnce()
    {
        (int status, string screen) = Type("/bin/busybox sh -c 'echo READY; read LINE; echo \"<$LINE>\"; exit 7'", "READY", "typed\r");
        Assert.That((status, Count(screen, "typed")), Is.EqualTo((7, 2)), screen);
        Assert.That(screen, Does.Contain("<typed>"));
    }

    [Test]
    public void InterruptKeyInterruptsTheProgramNotTheMachine() =>
        Assert.That(Type("/bin/busybox sh -c 'echo READY; sleep 1000'", "READY", Interrupt).Status, Is.EqualTo(130));

    [Test]
    public void QuitKeyEndsTheMachineAndRestoresTheTerminal()
    {
        (int status, string screen) = Type("/bin/busybox sh -c 'echo READY; sleep 1000'", "READY", Quit);
        Assert.That(status, Is.EqualTo(130));
        Assert.That(screen, Does.Contain("ended by the user"));
    }

    [Test]
    public void TerminalIsAsItWasAfterwards()
    {
        const string settings = "stty -g";
        (_, string screen) = Shell($"{settings}; {Command("/bin/busybox true")}; {settings}", "", "");
        string[] lines = [.. screen.Split('\n', StringSplitOptions.TrimEntries).Where(l => l.Count(c => c == ':') > 10)];
        Assert.That(lines, Has.Length.EqualTo(2), screen);
        Assert.That(lines[1], Does.EndWith(lines[0]));
    }

    private static (int Status, string Screen) Type(string program, string awaited, string keys) => Shell(Command(program), awaited, keys);

    private static string Command(string program) => $"'{Path.Combine(AppContext.BaseDirectory, "cosim")}' run -- {program}";

    private static (int Status, string Screen) Shell(string commands, string awaited, string keys)
    {
        ProcessStartInfo start = new("/usr/bin/script", ["--quiet", "--return", "--command", commands, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        System.Text.StringBuilder screen = new();
        using Timer timeout = new(_ => process.Kill(true), null, TimeoutMilliseconds, Timeout.Infinite);
        bool typed = keys.Length == 0;
        char[] buffer = new char[256];
        for (int count; (count = process.StandardOutput.Read(buffer)) > 0;)
        {
            screen.Append(buffer, 0, count);
            if (!typed && screen.ToString().Contains(awaited, StringComparison.Ordinal))
            {
                typed = true;
                process.StandardInput.Write(keys);
                process.StandardInput.Flush();
            }
        }
        process.WaitForExit();
        return (process.ExitCode, screen.ToString());
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
