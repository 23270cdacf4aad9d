using CoSim.Guest.Link.Elf;

namespace CoSim.Guest.Link;

/// <summary>The linker's command: reads files, links, writes files or says in MSBuild's canonical form why not.</summary>
public static class Program
{
    private const int Failure = 2;

    /// <summary>Runs the command.</summary>
    /// <returns>0, or 2 when there is no image.</returns>
    public static int Main(string[] args)
    {
        string origin = "Guest.Link";
        try
        {
            LinkOptions options = LinkOptions.Parse(args);
            origin = Path.GetFileName(options.Input);
            Linker linker = new(options, ElfObject.Read(options.Input, File.ReadAllBytes(options.Input)));
            foreach ((string symbol, string path) in options.Embeds) linker.Embed(symbol, File.ReadAllBytes(path));
            byte[]? image = linker.Link();
            foreach (LinkException e in linker.Errors) Report(origin, e.Number, e.Message);
            if (image == null) return Failure;
            File.WriteAllBytes(options.Output, image);
            if (options.Binary != "") File.WriteAllBytes(options.Binary, linker.FlatBinary());
            if (options.Report != "") File.WriteAllLines(options.Report, LinkReport(linker));
            return 0;
        }
        catch (LinkException e)
        {
            return Report(origin, e.Number, e.Message);
        }
        catch (IOException e)
        {
            return Report(origin, 13, e.Message);
        }
    }

    private static int Report(string origin, int number, string message)
    {
        Console.Error.WriteLine($"{origin} : error GL{number:d4}: {message}");
        return Failure;
    }

    private static IEnumerable<string> LinkReport(Linker linker)
    {
        yield return $"calls that became instructions: {linker.Inlined}";
        yield return $"vector registers saved by entries: {VectorUse.Describe(linker.Vectors!.Mask)}";
        foreach ((string function, ushort mask) in linker.Vectors.Functions) yield return $"{VectorUse.Describe(mask)}: {function}";
    }
}
