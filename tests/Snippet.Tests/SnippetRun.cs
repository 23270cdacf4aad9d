using System.Text.Json;
using CoSim.Cli.Snippets;
using CoSim.Hw.Board;

namespace CoSim.Cli.Tests;

/// <summary>Runs snippets as the command does, without its text.</summary>
internal static class SnippetRun
{
    /// <summary>Reads and runs words on a core of their own.</summary>
    public static SnippetResult Of(SnippetWords words)
    {
        using SnippetRunner runner = new(EpycModel.All[0]);
        return runner.Run(SnippetReader.Read(words, SnippetPlace.CommandLine));
    }

    /// <summary>The JSON of a result as one line.</summary>
    public static string Json(SnippetResult result)
    {
        using MemoryStream stream = new();
        SnippetJson.Write(stream, result, indented: false);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The measured loop of a snippet; fails when there is none.</summary>
    public static LoopTiming Loop(string code, params string[] set)
    {
        SnippetResult result = Of(new SnippetWords { Code = code, Engine = "detailed", Set = set, Map = ["0x20000:4096"] });
        Assert.That(result.Timing!.Loop, Is.Not.Null, result.Timing.NoLoop);
        return result.Timing.Loop!;
    }

    /// <summary>Runs the command for JSON and parses it.</summary>
    public static JsonElement Command(params string[] arguments)
    {
        CommandLine.Result result = CommandLine.Run(["snippet", .. arguments, "--json", "-"]);
        Assert.That(result.Error, Is.Empty);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }
}
