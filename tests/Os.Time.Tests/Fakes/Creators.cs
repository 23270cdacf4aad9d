namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Creators of namespaces: root of the initial user namespace, with or without the permission.</summary>
internal static unsafe class Creators
{
    internal static NamespaceCreator Of(bool mayAdmin) => new(mayAdmin, UserNamespace.Initial, 0);

    /// <summary>Both halves of unshare(CLONE_NEWTIME).</summary>
    internal static int Unshare(NsProxy** slot, bool mayAdmin)
    {
        int error = TimeNamespaces.PrepareUnshare(*slot, Of(mayAdmin), out NsProxy* copy);
        if (error != 0) return error;
        TimeNamespaces.PutProxy(*slot);
        *slot = copy;
        return 0;
    }
}
