using CoSim.Guest.Link.Elf;
using CoSim.Guest.Link.Stubs;
using CoSim.Guest.Symbols;
using Iced.Intel;

namespace CoSim.Guest.Link;

/// <summary>
/// What of the object file an image needs: starting at its entry points, whatever relocations lead to. ILC always adds
/// tables and start-up code of a managed runtime; they are not reached, so they and what they refer to are left out.
/// </summary>
public sealed class Reachability
{
    private readonly Dictionary<Section, ulong[]> _starts = [];
    private readonly HashSet<(Section Section, ulong Start)> _reached = [];
    private readonly Stack<(Section Section, ulong Start)> _work = new();
    private readonly Dictionary<string, Symbol> _globals = [];
    private readonly ElfObject _object;
    private readonly StubLibrary _library;
    private readonly Func<string, bool> _isLinkerSymbol;

    /// <summary>Prepares the search.</summary>
    public Reachability(ElfObject obj, StubLibrary library, Func<string, bool> isLinkerSymbol)
    {
        (_object, _library, _isLinkerSymbol) = (obj, library, isLinkerSymbol);
        foreach (Symbol s in obj.Symbols.Where(s => s.Section != null && !s.IsSection)) _globals[s.Name] = s;
        foreach (Section section in obj.Sections)
        {
            _starts[section] = [.. obj.Symbols.Where(s => s.Section == section).Select(s => s.Value).Append(0UL).Distinct().Order()];
        }
    }

    /// <summary>The stubs needed, in the order in which they were found.</summary>
    public List<Stub> Stubs { get; } = [];

    /// <summary>How many calls of stubs become instructions.</summary>
    public int Inlined { get; private set; }

    /// <summary>Undefined symbols, each with the function that refers to it.</summary>
    public Dictionary<string, string> Undefined { get; } = [];

    /// <summary>Whether a place in a section is part of something needed.</summary>
    public bool IsReached(Section section, ulong offset) => _reached.Contains((section, Start(section, offset)));

    /// <summary>Whether anything in a section is needed.</summary>
    public bool IsReached(Section section) => _reached.Any(r => r.Section == section);

    /// <summary>A defined global symbol of the object, or null.</summary>
    public Symbol? Find(string name) => _globals.GetValueOrDefault(name);

    /// <summary>The function or datum around a place, for messages.</summary>
    public string NameOf(Section section, ulong offset)
    {
        ulong start = Start(section, offset);
        return _object.Symbols.FirstOrDefault(s => s.Section == section && s.Value == start && !s.IsSection)?.Name ?? section.Name;
    }

    /// <summary>Adds a symbol and all that it leads to.</summary>
    /// <param name="name">The symbol.</param>
    /// <param name="from">Who needs it, for messages.</param>
    public void Add(string name, string from)
    {
        if (_globals.TryGetValue(name, out Symbol? symbol)) Add(symbol.Section!, symbol.Value);
        else if (_library.Find(name) is { } stub) AddStub(stub);
        else if (!_isLinkerSymbol(name)) Undefined.TryAdd(name, from);
        while (_work.TryPop(out (Section Section, ulong Start) item)) Follow(item.Section, item.Start);
    }

    private void AddStub(Stub stub)
    {
        if (Stubs.Contains(stub)) return;
        Stubs.Add(stub);
        foreach (string need in stub.Needs) Add(need, stub.Names[0]);
    }

    private void Add(Section section, ulong offset)
    {
        ulong start = Start(section, offset);
        if (_reached.Add((section, start))) _work.Push((section, start));
    }

    private void Follow(Section section, ulong start)
    {
        ulong end = End(section, start);
        if (section.IsCode) FollowCode(section, start, end);
        foreach (ElfRelocation r in section.Relocations)
        {
            if (r.Offset < start || r.Offset >= end) continue;
            Symbol target = _object.Symbols[(int)r.Symbol];
            if (target.Section != null) Add(target.Section, target.IsSection ? (ulong)((long)target.Value + r.Addend) : target.Value);
            else if (Inliner.CanReplace(section, r, _library.Find(target.Name))) Inlined++;
            else Add(target.Name, NameOf(section, start));
        }
    }

    /// <summary>ILC itself fills in references within its one code section, so that only the instructions tell of them.</summary>
    private void FollowCode(Section section, ulong start, ulong end)
    {
        HashSet<ulong> relocated = [.. section.Relocations.Where(r => r.Offset >= start && r.Offset < end).Select(r => r.Offset)];
        Decoder decoder = Decoder.Create(64, section.Data.AsSpan((int)start, (int)(end - start)).ToArray(), start);
        foreach (Instruction i in decoder)
        {
            ConstantOffsets at = decoder.GetConstantOffsets(i);
            ulong? target = null;
            if (i.IsCallNear || i.IsJmpNear || i.IsJccNear) target = relocated.Contains(i.IP + (ulong)at.ImmediateOffset) ? null : i.NearBranchTarget;
            else if (i.IsIPRelativeMemoryOperand) target = relocated.Contains(i.IP + (ulong)at.DisplacementOffset) ? null : i.IPRelativeMemoryAddress;
            if (target is { } t && t < section.Size && (t < start || t >= end)) Add(section, t);
        }
    }

    private ulong Start(Section section, ulong offset)
    {
        ulong[] starts = _starts[section];
        int i = Array.BinarySearch(starts, offset);
        return i >= 0 ? starts[i] : starts[~i - 1];
    }

    private ulong End(Section section, ulong start)
    {
        ulong[] starts = _starts[section];
        int i = Array.BinarySearch(starts, start);
        return i + 1 < starts.Length ? starts[i + 1] : section.Size;
    }
}
