using System.Text;
using CoSim.Os.Loader;

namespace CoSim.Cli.Snippets;

/// <summary>A file of many snippets: a JSON object a line; empty lines and lines that begin with # are skipped.</summary>
internal static class SnippetFile
{
    /// <summary>Reads every snippet, so that a mistake shows before anything runs.</summary>
    /// <param name="path">The file.</param>
    /// <param name="defaults">What holds where a line says nothing.</param>
    /// <exception cref="BadInputException">A line is wrong, or there is none.</exception>
    public static IReadOnlyList<SnippetRequest> Read(string path, SnippetWords defaults)
    {
        List<SnippetRequest> requests = [];
        int number = 0;
        foreach (string raw in Encoding.UTF8.GetString(InputFile.Read(path)).Split('\n'))
        {
            number++;
            string line = raw.Trim().TrimStart('\uFEFF');
            if (line.Length == 0 || line[0] == '#')
                continue;
            SnippetPlace place = new(path, number);
            requests.Add(SnippetReader.Read(SnippetMembers.Read(line, place).Over(defaults), place));
        }
        return requests.Count > 0 ? requests : throw new BadInputException(path, "no snippets");
    }
}
