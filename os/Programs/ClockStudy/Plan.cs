namespace CoSim.Os.Programs.ClockStudy;

/// <summary>A list of small numbers in the order of the command line.</summary>
public unsafe struct NumberList
{
    private const int Capacity = 8;

    /// <summary>How many there are.</summary>
    public int Count;

    private ulong _packed0, _packed1;

    /// <summary>Number <paramref name="index"/>, 0 to 255.</summary>
    public readonly uint this[int index] => (uint)((index < Capacity ? _packed0 >> index * 8 : _packed1 >> (index - Capacity) * 8) & 0xFF);

    /// <summary>Reads "1,0,7"; what does not fit is left out.</summary>
    public static NumberList Parse(byte* text)
    {
        NumberList list = default;
        while (*text >= '0' && *text <= '9' && list.Count < 2 * Capacity)
        {
            ulong value = Text.TakeNumber(ref text) & 0xFF;
            if (list.Count < Capacity) list._packed0 |= value << list.Count * 8;
            else list._packed1 |= value << (list.Count - Capacity) * 8;
            list.Count++;
            if (*text == ',') text++;
        }
        return list;
    }
}

/// <summary>What is to be measured.</summary>
public unsafe struct Plan
{
    /// <summary>The axes, in the numbers of the span id.</summary>
    public NumberList Clocks, Sources, Namespaces, Paths, Caches;

    /// <summary>Calls of each configuration.</summary>
    public uint Calls;

    /// <summary>Whether the measured calls run on the detailed engine.</summary>
    public bool Detailed;

    /// <summary>Where the vDSO's clock_gettime is; null without one.</summary>
    public void* VdsoClockGettime;

    /// <summary>Where clock_gettime puts its result: seconds, nanoseconds.</summary>
    public long* Time;

    /// <summary>Reads the arguments; what is not named has the defaults of the README.</summary>
    public static Plan Parse(ulong* stack)
    {
        Plan plan = default;
        plan.Clocks = NumberList.Parse(Linux.Text("1,0,7,4,6,2"u8));
        plan.Sources = NumberList.Parse(Linux.Text("0,1,2"u8));
        plan.Namespaces = plan.Paths = plan.Caches = NumberList.Parse(Linux.Text("0,1"u8));
        plan.Calls = 20;
        plan.Time = (long*)Linux.Allocate(16);
        for (byte** word = (byte**)(stack + 2); *word != null; word++)
        {
            byte* value;
            if ((value = Text.After(*word, Linux.Text("clocks="u8))) != null) plan.Clocks = NumberList.Parse(value);
            else if ((value = Text.After(*word, Linux.Text("sources="u8))) != null) plan.Sources = NumberList.Parse(value);
            else if ((value = Text.After(*word, Linux.Text("namespaces="u8))) != null) plan.Namespaces = NumberList.Parse(value);
            else if ((value = Text.After(*word, Linux.Text("paths="u8))) != null) plan.Paths = NumberList.Parse(value);
            else if ((value = Text.After(*word, Linux.Text("caches="u8))) != null) plan.Caches = NumberList.Parse(value);
            else if ((value = Text.After(*word, Linux.Text("calls="u8))) != null) plan.Calls = (uint)Text.TakeNumber(ref value);
            else if ((value = Text.After(*word, Linux.Text("detailed="u8))) != null) plan.Detailed = *value == '1';
            else Text.Complain(Linux.Text("clockstudy: ignored "u8), *word, 0);
        }
        plan.VdsoClockGettime = VdsoFunction.Find(VdsoFunction.Base(stack), Linux.Text("__vdso_clock_gettime"u8));
        return plan;
    }
}
