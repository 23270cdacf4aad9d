namespace CoSim.Cli.Snippets;

/// <summary>Turns what the user wrote into a request, or into one clear error.</summary>
internal static class SnippetReader
{
    private const ulong DefaultAddress = 0x1_0000, DefaultRealAddress = 0x1000;
    private const ulong DefaultLimit = 10_000_000, LargestLimit = 1_000_000_000_000;
    private const int LongestCode = 16 << 20, MostCopies = 1000, LongestTimeline = 100;
    private const ulong PageMask = 0xFFF;

    /// <summary>Reads a snippet.</summary>
    /// <param name="words">What was written.</param>
    /// <param name="place">Where.</param>
    /// <exception cref="CoSim.Os.Loader.BadInputException">Something is missing or wrong.</exception>
    public static SnippetRequest Read(SnippetWords words, SnippetPlace place)
    {
        BareMode mode = ModeOf(words, place);
        ulong at = Address("at", words.At, mode == BareMode.Real16 ? DefaultRealAddress : DefaultAddress, mode, place);
        SnippetCode code = SnippetCode.Read(words, mode, at, words.At is not null, place);
        if (code.Bytes.Length == 0)
            throw place.Wrong("CODE", null, "there is no code");
        if (code.Bytes.Length > LongestCode)
            throw place.Wrong("CODE", null, $"{code.Bytes.Length} bytes are more than {LongestCode >> 20}M");
        at = code.Address;
        ulong highest = Highest(mode);
        if (at > highest || (ulong)code.Bytes.Length > highest - at)
            throw place.Wrong("at", $"0x{at:x}", "the code reaches beyond the last address of the mode");
        if (mode == BareMode.Long64 && !Canonical(at, (ulong)code.Bytes.Length))
            throw place.Wrong("at", $"0x{at:x}", "not a canonical address");
        RegisterValue[] set = [.. (words.Set ?? []).SelectMany(Commas).Select(w => RegisterValue.Parse("set", w, mode, place))];
        CheckRegisters(set, place);
        bool ownStack = mode != BareMode.Real16 && !set.Any(s => s.Register is { Kind: RegisterKind.General, Index: 4 });
        if (words.User == true && mode == BareMode.Real16)
            throw place.Wrong("user", null, "16-bit mode is real mode, which has no privilege levels");
        MemoryMapping[] maps = [.. (words.Map ?? []).Select(w => MemoryMapping.Parse(w, place))];
        CheckMaps(maps, at, code.Bytes.Length, mode, ownStack, place);
        return new SnippetRequest
        {
            Name = words.Name ?? code.Name,
            Code = code.Bytes,
            At = at,
            Mode = mode,
            User = words.User ?? false,
            Set = set,
            Maps = maps,
            HasStack = ownStack,
            Show = [.. (words.Show ?? []).Select(w => ShownMemory.Parse(w, place))],
            Expect = [.. (words.Expect ?? []).SelectMany(Commas).Select(w => Expectation.Parse(w, mode, place))],
            Until = Address("until", words.Until, at + (ulong)code.Bytes.Length, mode, place),
            Iterations = Count("iterations", words.Iterations, 1, 1, LargestLimit, place),
            MaxInstructions = Count("max-instructions", words.MaxInstructions, DefaultLimit, 1, LargestLimit, place),
            Engine = EngineOf(words, place),
            All = words.All ?? false,
            Cold = words.Cold ?? false,
            Loop = !(words.NoLoop ?? false),
            Unroll = (int)Count("unroll", words.Unroll, 0, 1, MostCopies, place),
            Timeline = (int)Count("timeline", words.Timeline, 0, 1, LongestTimeline, place),
        };
    }

    private static BareMode ModeOf(SnippetWords words, SnippetPlace place) => words.Mode switch
    {
        null or "64" => BareMode.Long64,
        "32" => BareMode.Protected32,
        "16" => BareMode.Real16,
        _ => throw place.Wrong("mode", words.Mode, "must be 16, 32 or 64"),
    };

    private static EngineKind EngineOf(SnippetWords words, SnippetPlace place) => words.Engine?.ToLowerInvariant() switch
    {
        null or "functional" => EngineKind.Functional,
        "detailed" => EngineKind.Detailed,
        _ => throw place.Wrong("engine", words.Engine, "must be 'functional' or 'detailed'"),
    };

    private static ulong Address(string option, string? word, ulong otherwise, BareMode mode, SnippetPlace place)
    {
        if (word is null)
            return otherwise;
        if (word.StartsWith('-') || !SnippetNumber.TryParse(word, out ulong address))
            throw place.Wrong(option, word, "must be an address: decimal, or hexadecimal after 0x");
        return address <= Highest(mode) ? address : throw place.Wrong(option, word, $"addresses of this mode end at 0x{Highest(mode):x}");
    }

    private static ulong Count(string option, string? word, ulong otherwise, ulong minimum, ulong maximum, SnippetPlace place)
    {
        if (word is null)
            return otherwise;
        return !word.StartsWith('-') && SnippetNumber.TryParse(word, out ulong value) && value >= minimum && value <= maximum
            ? value
            : throw place.Wrong(option, word, $"must be a whole number from {minimum} to {maximum}");
    }

    private static IEnumerable<string> Commas(string word) => word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static ulong Highest(BareMode mode) => mode switch
    {
        BareMode.Real16 => BareCore.RealModeBytes - 1,
        BareMode.Protected32 => BareCore.SystemPages32 - 1,
        _ => BareCore.SystemPages64 - 1,
    };

    private static bool Canonical(ulong address, ulong length)
    {
        const ulong lowEnd = 1UL << 47, highStart = 0xFFFF_8000_0000_0000;
        return address >= highStart || (address < lowEnd && length <= lowEnd - address);
    }

    private static void CheckRegisters(RegisterValue[] set, SnippetPlace place)
    {
        foreach (IGrouping<(RegisterKind, int), RegisterValue> same in set.GroupBy(s => (s.Register.Kind == RegisterKind.Ymm ? RegisterKind.Xmm : s.Register.Kind, s.Register.Index)))
        {
            if (same.Count() > 1)
                throw place.Wrong("set", same.Last().Word, $"the register is set already, by '{same.First().Word}'");
        }
        if (set.Any(s => s.Register.Kind == RegisterKind.Stack) && set.FirstOrDefault(s => s.Register.Kind == RegisterKind.Mmx) is { } mmx)
            throw place.Wrong("set", mmx.Word, "x87 and MMX registers share their places; set either");
    }

    private static void CheckMaps(MemoryMapping[] maps, ulong at, int codeLength, BareMode mode, bool ownStack, SnippetPlace place)
    {
        ulong free = BareCore.PoolBytes / 2;
        MemoryMapping[] sorted = [.. maps.OrderBy(m => m.Address)];
        for (int i = 0; i < sorted.Length; i++)
        {
            MemoryMapping map = sorted[i];
            if (map.Address > Highest(mode) || map.Length - 1 > Highest(mode) - map.Address)
                throw place.Wrong("map", map.Word, $"addresses of this mode end at 0x{Highest(mode):x}");
            if (mode == BareMode.Long64 && !Canonical(map.Address, map.Length))
                throw place.Wrong("map", map.Word, "not a canonical address");
            if (i > 0 && map.Overlaps(sorted[i - 1].FirstPage, sorted[i - 1].LastPage) && (mode != BareMode.Real16 || map.Address - sorted[i - 1].Address < sorted[i - 1].Length))
                throw place.Wrong("map", map.Word, $"overlaps '{sorted[i - 1].Word}'{(map.Address - sorted[i - 1].Address < sorted[i - 1].Length ? "" : ": they share a page of 4096 bytes")}");
            if (ownStack && map.Overlaps(SnippetRequest.StackBase, SnippetRequest.StackBase + SnippetRequest.StackBytes - 1))
                throw place.Wrong("map", map.Word, $"overlaps the stack at 0x{SnippetRequest.StackBase:x}; there is none when rsp is set");
            ulong lastCode = (at + (ulong)codeLength - 1) & ~PageMask;
            if (mode != BareMode.Real16 && map.Overlaps(at & ~PageMask, lastCode) && !map.Contains(at, (ulong)codeLength))
                throw place.Wrong("map", map.Word, $"overlaps the code at 0x{at:x}, which must lie in it or beside it");
            ulong taken = map.IsLarge ? (ulong)map.Content.Length : map.Length;
            if (taken > free)
                throw place.Wrong("map", map.Word, $"more than {BareCore.PoolBytes >> 21}M are mapped together");
            free -= taken;
        }
    }
}
