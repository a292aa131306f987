[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]

namespace Helix.EndToEnd.Harness;

/// <summary>Tests whose numbers would suffer from a neighbour.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>How much of everything: <c>HELIX_TEST_LONG=1</c> asks for all of it.</summary>
internal static class Ring
{
    public static bool IsLong => Environment.GetEnvironmentVariable("HELIX_TEST_LONG") is { Length: > 0 };

    public static int Kills => IsLong ? 20 : 4;

    public static int BadFiles => IsLong ? 500 : 25;

    public static int BadBodies => IsLong ? 2000 : 30;

    public static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
