using Iced.Intel;

namespace CoSim.Traces.Profile;

/// <summary>
/// Call stacks rebuilt from retired calls and returns: each core has one for the upper half of the address space, which begins anew at each
/// entry from the lower half, and each address space has one for the lower half. A return that fits no call changes nothing. Where an operating system switches
/// between kernel stacks, callers can be wrong until the core returns to user mode.
/// </summary>
internal sealed class CallStacks(CodeBook code)
{
    private const int Deepest = 128;
    private const ulong UpperHalf = 1UL << 63;

    private readonly Dictionary<int, CoreState> _cores = [];
    private readonly Dictionary<ulong, Stack> _spaces = [];
    private readonly Dictionary<(int Parent, ulong Site), int> _children = [];
    private readonly List<(int Parent, ulong Site)> _nodes = [(-1, 0)];

    /// <summary>The call that led to a node, and the node before it; -1 behind the outermost.</summary>
    public (int Parent, ulong Site) this[int node] => _nodes[node];

    /// <summary>A core has another page table.</summary>
    public void Switch(int core, ulong space) => StateOf(core).User = StackOf(space);

    /// <summary>An instruction retired, or was interrupted.</summary>
    /// <returns>The node of its callers.</returns>
    public int Take(int core, ulong rip)
    {
        CoreState state = StateOf(core);
        Stack stack = rip >= UpperHalf ? state.Kernel : state.User;
        if (rip >= UpperHalf && state.Last < UpperHalf)
            stack.Frames.Clear();
        bool sameHalf = (rip ^ state.Last) < UpperHalf;
        FlowControl flow = sameHalf ? code.FlowOf(state.Last) : FlowControl.Next;
        if (flow is FlowControl.Call or FlowControl.IndirectCall)
            Push(stack, state.Last);
        else if (flow == FlowControl.Return)
            Pop(stack, rip);
        state.Last = rip;
        return stack.Frames.Count == 0 ? 0 : stack.Frames[^1].Node;
    }

    private void Push(Stack stack, ulong site)
    {
        if (stack.Frames.Count == Deepest)
            stack.Frames.RemoveAt(0);
        int parent = stack.Frames.Count == 0 ? 0 : stack.Frames[^1].Node;
        if (!_children.TryGetValue((parent, site), out int node))
        {
            node = _nodes.Count;
            _nodes.Add((parent, site));
            _children.Add((parent, site), node);
        }

        stack.Frames.Add((site + (ulong)code.LengthOf(site), node));
    }

    private static void Pop(Stack stack, ulong rip)
    {
        int at = stack.Frames.FindLastIndex(f => f.Return == rip);
        if (at >= 0)
            stack.Frames.RemoveRange(at, stack.Frames.Count - at);
    }

    private CoreState StateOf(int core)
    {
        if (!_cores.TryGetValue(core, out CoreState? state))
            _cores.Add(core, state = new CoreState { User = StackOf(0) });
        return state;
    }

    private Stack StackOf(ulong space)
    {
        if (!_spaces.TryGetValue(space, out Stack? stack))
            _spaces.Add(space, stack = new Stack());
        return stack;
    }

    private sealed class Stack
    {
        public List<(ulong Return, int Node)> Frames { get; } = [];
    }

    private sealed class CoreState
    {
        public Stack Kernel { get; } = new();

        public required Stack User { get; set; }

        public ulong Last { get; set; }
    }
}
