using System.Text;

namespace CoSim.Os.Tests;

/// <summary>Kernel parameters and init's arguments.</summary>
[TestFixture, NonParallelizable]
public sealed unsafe class CommandLineTests
{
    private static void Set(string text)
    {
        byte[] bytes = [.. Encoding.ASCII.GetBytes(text), 0];
        fixed (byte* p = bytes) CommandLine.Set(p);
    }

    private static string? Find(string name)
    {
        bool found = CommandLine.Find(Encoding.ASCII.GetBytes(name), out byte* value, out int length);
        return found ? Encoding.ASCII.GetString(value, length) : null;
    }

    [Test]
    public void LastValueCountsAndPrefixesDoNot()
    {
        Set("quiet init=/a initrd=x init=/b -- init=/c");
        Assert.That(Find("init"), Is.EqualTo("/b"));
        Assert.That(Find("quiet"), Is.EqualTo(""));
        Assert.That(Find("ini"), Is.Null);
    }

    [Test]
    public void ArgumentsFollowTheDashes()
    {
        Set("init=/bin/sh -- -c \"echo a  b\" last");
        byte* at = CommandLine.InitArguments;
        List<string> words = [];
        while (CommandLine.NextWord(ref at, out byte* word, out int n)) words.Add(Encoding.ASCII.GetString(word, n));
        Assert.That(words, Is.EqualTo(new[] { "-c", "\"echo a  b\"", "last" }));
    }

    [Test]
    public void Numbers()
    {
        Set("maxcpus=3 random.seed=18446744073709551615 bad=x");
        Assert.That(CommandLine.Number("maxcpus"u8, 7), Is.EqualTo(3UL));
        Assert.That(CommandLine.Number("random.seed"u8, 0), Is.EqualTo(ulong.MaxValue));
        Assert.That(CommandLine.Number("bad"u8, 9), Is.EqualTo(9UL));
        Assert.That(CommandLine.Number("absent"u8, 8), Is.EqualTo(8UL));
    }
}
