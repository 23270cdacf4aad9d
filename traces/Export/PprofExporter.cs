using CoSim.Traces.Format;
using CoSim.Traces.Profile;

namespace CoSim.Traces.Export;

/// <summary>
/// pprof's profile.proto (github.com/google/pprof, proto/profile.proto), not compressed: a sample for each address and call path with its
/// instructions, core cycles and cycles by cause; functions are the trace's symbols.
/// </summary>
internal sealed class PprofExporter : ITraceExporter
{
    // Numbers of fields, named as in the definition.
    private const int ProfileSampleType = 1, ProfileSample = 2, ProfileMapping = 3, ProfileLocation = 4, ProfileFunction = 5, ProfileString = 6;
    private const int ProfileDuration = 10, ProfileDefaultType = 14;
    private const int TypeType = 1, TypeUnit = 2;
    private const int SampleLocation = 1, SampleValue = 2;
    private const int MappingId = 1, MappingFile = 5, MappingHasFunctions = 7;
    private const int LocationId = 1, LocationMapping = 2, LocationAddress = 3, LocationLine = 4;
    private const int LineFunction = 1;
    private const int FunctionId = 1, FunctionName = 2, FunctionSystemName = 3, FunctionFile = 4;

    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output)
    {
        InstructionProfile profile = new(input.Symbols, withCallers: true);
        UInt128 first = UInt128.MaxValue, last = 0;
        foreach (TraceEvent e in input.Events)
        {
            profile.Take(in e);
            first = UInt128.Min(first, e.Time.Femtoseconds);
            last = UInt128.Max(last, e.Time.Femtoseconds);
        }

        if (profile.IsEmpty)
            throw new TraceFormatException("it holds no instructions; record them with --level retire");
        new File(profile, output).Write(last > first ? (ulong)UInt128.Min((last - first) / 1_000_000, long.MaxValue) : 0);
    }

    private sealed class File(InstructionProfile profile, Stream output)
    {
        private readonly ProtoMessage _profile = new();
        private readonly ProtoMessage _part = new();
        private readonly ProtoMessage _line = new();
        private readonly Dictionary<string, ulong> _strings = [];
        private readonly Dictionary<ulong, ulong> _locations = [];
        private readonly Dictionary<(string Image, string Name), ulong> _functions = [];
        private readonly Dictionary<string, ulong> _mappings = [];

        public void Write(ulong nanoseconds)
        {
            _ = Text("");
            IReadOnlyList<ProfileEntry> entries = [.. profile.Entries];
            int[] causes = [.. Enumerable.Range(0, profile.Causes.Count).Where(c => entries.Any(e => e.Values[2 + c] != 0))];
            SampleType("instructions", "count");
            SampleType("cycles", "cycles");
            foreach (int cause in causes)
                SampleType(profile.Causes[cause], "cycles");
            foreach (ProfileEntry entry in entries)
            {
                ulong[] locations = [Location(entry.Address), .. entry.Callers.Select(Location)];
                Send(ProfileSample, _part.Clear().AddPacked(SampleLocation, locations).AddPacked(SampleValue, [entry.Values[0], entry.Values[1], .. causes.Select(c => entry.Values[2 + c])]));
            }

            output.Write(_profile.Clear().Add(ProfileDuration, nanoseconds).Add(ProfileDefaultType, Text("cycles")).Bytes.Span);
        }

        private void SampleType(string type, string unit)
        {
            ulong name = Text(type), of = Text(unit);
            Send(ProfileSampleType, _part.Clear().Add(TypeType, name).Add(TypeUnit, of));
        }

        private ulong Location(ulong address)
        {
            if (_locations.TryGetValue(address, out ulong id))
                return id;
            id = (ulong)_locations.Count + 1;
            _locations.Add(address, id);
            CodeName name = profile.Symbols.Find(address) ?? new CodeName("", $"0x{address:x}", 0);
            ulong mapping = Mapping(name.Image), function = Function(name);
            Send(ProfileLocation, _part.Clear().Add(LocationId, id).Add(LocationMapping, mapping).Add(LocationAddress, address)
                .Add(LocationLine, _line.Clear().Add(LineFunction, function)));
            return id;
        }

        private ulong Function(CodeName name)
        {
            if (_functions.TryGetValue((name.Image, name.Symbol), out ulong id))
                return id;
            id = (ulong)_functions.Count + 1;
            _functions.Add((name.Image, name.Symbol), id);
            ulong text = Text(name.Symbol), file = Text(name.Image);
            Send(ProfileFunction, _part.Clear().Add(FunctionId, id).Add(FunctionName, text).Add(FunctionSystemName, text).Add(FunctionFile, file));
            return id;
        }

        private ulong Mapping(string image)
        {
            if (_mappings.TryGetValue(image, out ulong id))
                return id;
            id = (ulong)_mappings.Count + 1;
            _mappings.Add(image, id);
            ulong file = Text(image.Length == 0 ? "[unknown]" : image);
            Send(ProfileMapping, _part.Clear().Add(MappingId, id).Add(MappingFile, file).Add(MappingHasFunctions, 1));
            return id;
        }

        private ulong Text(string text)
        {
            if (_strings.TryGetValue(text, out ulong number))
                return number;
            number = (ulong)_strings.Count;
            _strings.Add(text, number);
            output.Write(_profile.Clear().Add(ProfileString, text).Bytes.Span);
            return number;
        }

        private void Send(int field, ProtoMessage part) => output.Write(_profile.Clear().Add(field, part).Bytes.Span);
    }
}
