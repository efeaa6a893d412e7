namespace Gtc.Podman;

/// <summary>Why a call of podman came to nothing. Told by the <c>cause</c> of its answer, since the status alone says little: an unknown image is a 500.</summary>
public enum PodmanErrorKind
{
    /// <summary>Nobody listens on the socket, or the connection was lost.</summary>
    Unreachable,

    /// <summary>There was no answer, or no sign of progress, in time.</summary>
    TimedOut,

    /// <summary>The container, image or volume is not there.</summary>
    NotFound,

    /// <summary>A container is to be made of an image that is not in the store.</summary>
    ImageUnknown,

    /// <summary>The registry could not be reached, does not have the image, or does not give it to us.</summary>
    PullFailed,

    /// <summary>Another container has the name.</summary>
    NameInUse,

    /// <summary>Somebody else listens on a host port.</summary>
    PortInUse,

    /// <summary>The volume or image is used by a container.</summary>
    InUse,

    /// <summary>The disk is full.</summary>
    NoSpace,

    /// <summary>The host may not set a limit: of a cgroup that is not delegated, or above its own hard limit.</summary>
    LimitRefused,

    /// <summary>The program that the container is to run is not in the image, or cannot be run.</summary>
    CommandNotFound,

    /// <summary>What podman sent breaks its own protocol, or is larger than is read.</summary>
    Protocol,

    /// <summary>Anything else that podman refuses.</summary>
    Failed,
}
