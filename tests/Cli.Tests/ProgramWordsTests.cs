using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests;

/// <summary>A program with its arguments in one option, and how several programs' outputs are told apart.</summary>
[TestFixture]
public sealed class ProgramWordsTests
{
    [TestCase("prog", new[] { "prog" })]
    [TestCase("  prog  -n\t3 ", new[] { "prog", "-n", "3" })]
    [TestCase("prog 'two words' \"it's\" ''", new[] { "prog", "two words", "it's", "" })]
    [TestCase("prog --name='a b'c", new[] { "prog", "--name=a bc" })]
    public void QuotesKeepWordsTogether(string value, string[] words) => Assert.That(ProgramWords.Split("--exec", value), Is.EqualTo(words));

    [TestCase("")]
    [TestCase(" \t")]
    [TestCase("prog 'open")]
    public void WhatIsNoProgramIsRefused(string value) =>
        Assert.That(() => ProgramWords.Split("--exec", value), Throws.InstanceOf<BadInputException>().With.Message.Contains("--exec"));

    [Test]
    public void AnExistingFileIsTakenAsItIs()
    {
        using TemporaryDirectory directory = new();
        string path = directory.Write("my program -x", []);
        Assert.That(ProgramWords.Split("--exec", path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void OutputGoesToTheProgramThatWroteIt()
    {
        ProgramOutcomes outcomes = new();
        Write("one\r\n");
        outcomes.Label(0x4E5552); // "RUN": not the end of a program
        outcomes.Label(0x444E45);
        Write("two\r\nmore");
        outcomes.Label(0x444E45 | 137UL << 24 | 1UL << 32);
        Write("rest");
        Assert.That(outcomes.Ended, Is.EqualTo(new[] { new ProgramOutcome(0, "one\n"), new ProgramOutcome(137, "two\nmore") }));

        void Write(string text)
        {
            foreach (char c in text)
                outcomes.Write((byte)c);
        }
    }
}
