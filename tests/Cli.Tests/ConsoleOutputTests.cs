using System.Text;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Tests;

/// <summary>What of the guest's console reaches standard output.</summary>
[TestFixture]
public sealed class ConsoleOutputTests
{
    [Test]
    public void OnlyTheProgramIsShown()
    {
        MemoryStream stream = new();
        ConsoleOutput console = new(stream, false, false);
        Write(console, "firmware\r\n");
        console.Open();
        Write(console, "program\r\n");
        console.Close();
        Write(console, "power down\r\n");
        Assert.That(Text(stream), Is.EqualTo("program\r\n"));
        Assert.That(Encoding.ASCII.GetString(console.Kept), Is.EqualTo("firmware\r\n"));
    }

    [TestCase("a\r\nb\r\n", "a\nb\n")]
    [TestCase("a\r\r\n", "a\r\n", Description = "the program itself wrote CR LF")]
    [TestCase("10%\r20%\r", "10%\r20%\r")]
    [TestCase("\r\r\r\n\n", "\r\r\n\n")]
    public void LineEndsInAPipeAreTheProgramsOwn(string wire, string expected)
    {
        MemoryStream stream = new();
        ConsoleOutput console = new(stream, true, true);
        Write(console, wire);
        console.Close();
        Assert.That(Text(stream), Is.EqualTo(expected));
    }

    [Test]
    public void InputOfAFileEndsWithEndOfTransmission([Values("line\n", "no line end", "")] string text)
    {
        ConsoleInput input = ConsoleInput.Start(new MemoryStream(Encoding.ASCII.GetBytes(text)), false);
        StringBuilder typed = new();
        while (input.TryTake(out byte value))
            typed.Append((char)value);
        Assert.That(typed.ToString(), Is.EqualTo(text + (text.Length == 0 || text.EndsWith('\n') ? "\u0004" : "\u0004\u0004")));
    }

    private static void Write(ConsoleOutput console, string text)
    {
        foreach (char c in text)
            console.Write((byte)c);
    }

    private static string Text(MemoryStream stream) => Encoding.ASCII.GetString(stream.ToArray());
}
