namespace Helix.EndToEnd.Harness;

/// <summary><c>./test</c> runs some tests where nothing but this machine's loopback can be reached, and says so in a variable.</summary>
internal static class NoNetwork
{
    /// <summary>A network namespace of its own has one device, and no way out.</summary>
    public static void AssertWhereItIsCutOff()
    {
        if (Environment.GetEnvironmentVariable("HELIX_TEST_CUT_OFF") is not { Length: > 0 })
        {
            Ring.Say("the network is not cut off here: see ./test");
            return;
        }

        Assert.Single(File.ReadLines("/proc/net/route"));
        Assert.Equal("lo", Assert.Single(File.ReadLines("/proc/net/dev").Skip(2)).Split(':')[0].Trim());
    }
}
