using CoSim.Cli.Snippets;
using CoSim.Hw.Board;

namespace CoSim.Cli.Tests;

/// <summary>Random bytes are results, never exceptions of the simulator; both engines agree on them; nothing leaks from one run into the next.</summary>
[TestFixture]
public sealed class SnippetFuzzTests
{
    private static readonly string[] s_pieces =
    [
        "--set", "--map", "--at", "--mode", "--user", "rax=1", "0x9000:4096", "16", "32", "64", "-1", "--engine", "detailed", "90", "zz", "--json", "-", "--json", "", "--until",
        "0x10001", "--iterations", "3", "--show", "0x9000:64", "st0=1e4000", "ymm3=0x1", "--timeline", "--unroll", "2", "", ":", "=", "--all", "--no-loop", "0x9000:64:rx:hex=90",
        "--max-instructions", "500", "cs=0x123", "fs.limit=0", "rflags=0xffffffff", "--file", "--asm-file", "--binary", "cr4=0x20", "dr7=0xffff",
    ];

    /// <summary>Random code in random modes, with pointers to memory in some registers.</summary>
    internal static IEnumerable<SnippetWords> RandomSnippets(int seed, int count)
    {
        Random random = new(seed);
        for (int n = 0; n < count; n++)
        {
            byte[] code = new byte[random.Next(1, 24)];
            random.NextBytes(code);
            string mode = (string[])["16", "32", "64"] is var modes ? modes[random.Next(3)] : "";
            yield return new SnippetWords
            {
                Code = Convert.ToHexString(code),
                Mode = mode,
                User = mode != "16" && random.Next(4) == 0,
                Set = ["eax=0x20010", "ebx=0x20100", "ecx=5", "edx=0x20200", "ebp=0x20300", "esi=0x20800", "edi=0x20900", $"xmm1=0x{random.NextInt64():x}", "st0=1.5"],
                Map = ["0x20000:8192"],
                Show = ["0x20000:4096"],
                MaxInstructions = "300",
                NoLoop = true,
            };
        }
    }

    [Test]
    public void Both_engines_agree_on_random_bytes([Values(1, 2)] int seed)
    {
        using SnippetRunner functional = new(EpycModel.All[0]);
        using SnippetRunner detailed = new(EpycModel.All[0]);
        foreach (SnippetWords words in RandomSnippets(seed, 400))
        {
            SnippetResult expected = functional.Run(SnippetReader.Read(words, SnippetPlace.CommandLine));
            SnippetResult result = detailed.Run(SnippetReader.Read(words with { Engine = "detailed", Cold = true }, SnippetPlace.CommandLine));
            if (ReadsClock(words.Code!))
                continue;
            Assert.That(
                SnippetRun.Json(result with { Timing = null, Request = expected.Request }), Is.EqualTo(SnippetRun.Json(expected)), $"seed {seed}: {words.Code} in mode {words.Mode}");
        }
    }

    [Test]
    public void Random_bytes_never_break_the_functional_engine()
    {
        using SnippetRunner runner = new(EpycModel.All[0]);
        foreach (SnippetWords words in RandomSnippets(3, 4000))
            Assert.That(() => runner.Run(SnippetReader.Read(words, SnippetPlace.CommandLine)), Throws.Nothing, $"seed 3: {words.Code} in mode {words.Mode}");
    }

    [Test]
    public void Random_bytes_in_a_loop_never_break_the_detailed_engine()
    {
        using SnippetRunner runner = new(EpycModel.All[0]);
        foreach (SnippetWords words in RandomSnippets(4, 100))
        {
            SnippetWords looped = words with { Engine = "detailed", NoLoop = false, Timeline = "2", MaxInstructions = "5000" };
            Assert.That(() => SnippetRun.Json(runner.Run(SnippetReader.Read(looped, SnippetPlace.CommandLine))), Throws.Nothing, $"seed 4: {words.Code} in mode {words.Mode}");
        }
    }

    [Test]
    public void Results_do_not_depend_on_what_ran_before()
    {
        SnippetRequest[] requests = [.. RandomSnippets(5, 60).Select((w, n) => SnippetReader.Read(w with { Engine = n % 2 == 0 ? "detailed" : "functional" }, SnippetPlace.CommandLine))];
        using SnippetRunner forth = new(EpycModel.All[0]);
        using SnippetRunner back = new(EpycModel.All[0]);
        string[] first = [.. requests.Select(r => SnippetRun.Json(forth.Run(r)))];
        string[] second = [.. requests.Reverse().Select(r => SnippetRun.Json(back.Run(r))).Reverse()];
        for (int n = 0; n < requests.Length; n++)
            Assert.That(second[n], Is.EqualTo(first[n]), $"seed 5, snippet {n}: {Convert.ToHexString(requests[n].Code)} in mode {requests[n].Mode}");
    }

    [Test]
    public void Random_arguments_give_a_result_or_one_line()
    {
        Random random = new(6);
        for (int n = 0; n < 2000; n++)
        {
            string[] arguments = ["snippet", .. Enumerable.Range(0, random.Next(1, 9)).Select(_ => s_pieces[random.Next(s_pieces.Length)])];
            if (arguments.Zip(arguments.Skip(1)).Any(p => p is { First: "--json", Second: not ("-" or "") }))
                continue; // would write a file
            CommandLine.Result result = new(-1, "", "");
            string line = "seed 6: " + string.Join(' ', arguments);
            Assert.That(() => result = CommandLine.Run(arguments), Throws.Nothing, line);
            Assert.That(result.Status, Is.AnyOf(0, 2, 3, 4), line);
            if (result.Status == 2)
                result.AssertUserError();
        }
    }

    /// <summary>RDTSC, RDTSCP, RDPRU, RDPMC, RDMSR and RDRAND see time, or a generator that wrong paths may have used.</summary>
    private static bool ReadsClock(string code) => ((string[])["0F31", "0F01", "0F33", "0F32", "0FC7"]).Any(c => code.Contains(c, StringComparison.Ordinal));
}
