using Iced.Intel;

namespace CoSim.Guest.Link.Stubs;

/// <summary>What ILC's code expects of a runtime, as far as a guest has one.</summary>
public static class RuntimeStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        // Exported functions announce themselves to a garbage collector; there is none.
        library.Inline("RhpReversePInvoke", _ => { });
        library.Inline("RhpReversePInvokeReturn", _ => { });
        // Frames larger than a page are probed on the way down; guests have no guard pages to grow by.
        library.Function("RhpStackProbe", c => c.ret());
        // Functions with stackalloc check a value at the end of their frame.
        library.Add(new Stub { Names = ["__security_cookie"], Alignment = 8, Emit = w => w.Code.dq(SecurityCookie) });
        library.Function("RhpFallbackFailFast", c => c.ud2());
        // The default end of a failed check; an image exports its own guest_panic to do better.
        library.Function("guest_panic", c => c.ud2());
    }

    /// <summary>Any value that an overrun would not write by chance; it is the same in every run.</summary>
    private const ulong SecurityCookie = 0x00B5_19D7_5A3C_E600;

    /// <summary>Why a guest cannot have what a runtime symbol stands for, or null.</summary>
    public static string? Explain(string symbol) => symbol switch
    {
        _ when symbol.StartsWith("RhpNew", StringComparison.Ordinal) || symbol.StartsWith("RhNew", StringComparison.Ordinal) => "the guest has no managed heap: use structs and pointers",
        _ when symbol.Contains("Throw", StringComparison.Ordinal) || symbol.Contains("Rethrow", StringComparison.Ordinal) => "the guest has no exceptions",
        _ when symbol.Contains("AssignRef", StringComparison.Ordinal) => "the guest has no object references in memory",
        _ when symbol.Contains("PInvoke", StringComparison.Ordinal) => "use managed function pointers (delegate*), not delegate* unmanaged",
        _ when symbol.Contains("InterfaceDispatch", StringComparison.Ordinal) => "the guest has no interface dispatch: constrain a generic struct instead",
        _ when symbol.Contains("Dbl", StringComparison.Ordinal) || symbol.Contains("Flt", StringComparison.Ordinal) => "this floating-point conversion needs a runtime helper",
        _ => null,
    };
}
