using System.Reflection;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Where the build put the guest images.</summary>
internal static class TestImages
{
    internal static string Path(string name) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "GuestImages").Value + name;
}
