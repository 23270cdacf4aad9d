using System.Text;
using CoSim.Os.Loader;

namespace CoSim.Os.Tests;

/// <summary>The kernel's cpio reader against archives of the packer, and against damage.</summary>
[TestFixture]
public sealed unsafe class CpioReaderTests
{
    private static List<(string Name, uint Mode, string Content)> ReadAll(byte[] archive, out bool damaged)
    {
        List<(string, uint, string)> members = [];
        fixed (byte* p = archive)
        {
            CpioReader reader = new(p, (ulong)archive.Length);
            CpioEntry e;
            while (reader.Next(&e)) members.Add((Encoding.UTF8.GetString(e.Name, e.NameLength), e.Mode, Encoding.UTF8.GetString(e.Data, (int)e.Size)));
            damaged = reader.Damaged;
        }
        return members;
    }

    private static byte[] Archive(params (string Name, string Content)[] files)
    {
        CpioWriter w = new();
        foreach ((string name, string content) in files) w.AddFile(name, 0x1ED, Encoding.UTF8.GetBytes(content));
        return w.Finish();
    }

    [Test]
    public void ReadsMembersOfConcatenatedArchives()
    {
        byte[] both = [.. Archive(("bin/a", "one"), ("b", "")), .. new byte[512], .. Archive(("c", "three"))];
        Assert.That(ReadAll(both, out bool damaged).Where(m => (m.Mode & 0xF000) == 0x8000).Select(m => (m.Name, m.Content)),
            Is.EqualTo(new[] { ("bin/a", "one"), ("b", ""), ("c", "three") }));
        Assert.That(damaged, Is.False);
    }

    [Test]
    public void LeadingDotAndSlashAreDropped()
    {
        byte[] archive = Archive(("xx/f", "1"));
        int at = archive.AsSpan().IndexOf("xx/f"u8);
        "./"u8.CopyTo(archive.AsSpan(at));
        archive[at + 2] = (byte)'/';
        Assert.That(ReadAll(archive, out _).Select(m => m.Name), Does.Contain("f"));
    }

    [Test]
    public void EveryTruncationEndsQuietlyOrAsDamage()
    {
        byte[] archive = Archive(("a", new string('x', 300)), ("b", "y"));
        int whole = ReadAll(archive, out _).Count;
        for (int n = 0; n < archive.Length; n++) Assert.That(ReadAll(archive[..n], out _), Has.Count.LessThanOrEqualTo(whole));
        Assert.That(ReadAll(archive[..200], out bool damaged), Is.Empty);
        Assert.That(damaged, Is.True);
    }

    [Test]
    public void RandomDamageNeverReadsOutside()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        byte[] good = Archive(("dir/file", "content"), ("x", new string('z', 100)));
        for (int i = 0; i < 5000; i++)
        {
            byte[] bad = (byte[])good.Clone();
            for (int k = 0; k < 3; k++) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            fixed (byte* p = bad)
            {
                CpioReader reader = new(p, (ulong)bad.Length);
                CpioEntry e;
                while (reader.Next(&e))
                {
                    Assert.That((ulong)(e.Data - p) + e.Size, Is.LessThanOrEqualTo((ulong)bad.Length));
                    Assert.That(e.Name + e.NameLength - p, Is.LessThan(bad.Length));
                }
            }
        }
    }
}
