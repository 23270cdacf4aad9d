using System.Diagnostics;
using CoSim.Cli.Trace;
using CoSim.Traces.Format;

namespace CoSim.Cli.Tests;

/// <summary>Recordings whose process was killed: what had been written is readable up to its last whole block, at every level.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class KilledRecordingTests
{
    private const int Kills = 3;

    [TestCase("functional", "inputs")]
    [TestCase("functional", "events")]
    [TestCase("functional", "retire")]
    [TestCase("detailed", "pipeline")]
    public void WhatWasWrittenIsReadable(string engine, string level)
    {
        CosimProcess.RequireBusybox();
        using TemporaryDirectory directory = new();
        string[] Arguments(string trace) => ["record", "-o", trace, "--level", level, "--engine", engine, "--stop-at", engine == "detailed" ? "100000" : "900000", "--", "/bin/busybox", "true"];
        string whole = directory.File("whole.trace");
        Assert.That(CosimProcess.Run("", Arguments(whole)).Status, Is.Zero);
        long length = new FileInfo(whole).Length;
        ulong all = TraceFile.Read(whole, t => t.Count);
        int seed = TestSeed.Next();
        Random random = new(seed);
        for (int i = 0; i < Kills; i++)
        {
            long at = random.NextInt64(length);
            string cut = directory.File($"{i}.trace");
            Kill(Arguments(cut), cut, at);
            string what = $"seed {seed}, killed when {at} of {length} bytes had been written, {new FileInfo(cut).Length} in the end";
            if (CommandLine.Run("trace", "info", cut) is not { Status: 0 } info)
            {
                // Before the first frame is whole there is no trace.
                CommandLine.Run("trace", "info", cut).AssertUserError(".trace");
                Assert.That(new FileInfo(cut).Length, Is.LessThan(TraceWriter.BlockBytes), what);
                continue;
            }

            ulong kept = TraceFile.Read(cut, t => t.Count);
            Assert.That(TraceFile.Read(whole, expected => TraceFile.Read(cut, found => SameSoFar(expected, found))), what);
            Assert.That(info.Output, Does.Contain($"events              {kept}\n"), what);
            if (kept > 0 && kept < all)
                Assert.That(CosimProcess.Run("", "replay", cut).Output, Is.EqualTo($"the same: {kept} events up to where the recording was cut\n"), what);
        }
    }

    private static bool SameSoFar(TraceReader whole, TraceReader cut) => cut.Events().Zip(whole.Events()).All(p => p.First.Time == p.Second.Time && p.First.SameContent(p.Second)) && cut.Count <= whole.Count;

    private static void Kill(string[] arguments, string trace, long at)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "cosim"), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        while (!process.HasExited && (!File.Exists(trace) || new FileInfo(trace).Length <= at))
            Thread.Sleep(1);
        process.Kill();
        process.WaitForExit();
    }
}
