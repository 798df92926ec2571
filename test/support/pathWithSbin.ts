/** Where Debian has daemons, which is not on every user's path. */
export const pathWithSbin = `${process.env.PATH}:/usr/sbin:/sbin`;
