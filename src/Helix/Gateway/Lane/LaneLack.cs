namespace Helix.Gateway.Lane;

/// <summary>What a request on the lane does not have, because nobody on its path asks for it.</summary>
internal static class LaneLack
{
    public static NotSupportedException Of(string what) =>
        new($"{what} is not there on the lane, which is for plain requests to models alone. Whatever needs it belongs under a path that the lane leaves to the server.");
}
